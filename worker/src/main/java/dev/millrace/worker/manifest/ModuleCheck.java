package dev.millrace.worker.manifest;

import dev.millrace.worker.wasm.spec.FunctionSpec;
import java.nio.file.Path;
import java.util.List;

/** Looks into a function's module: whether it can be loaded, and what it imports. */
@FunctionalInterface
public interface ModuleCheck {

  /** Looks at nothing. */
  ModuleCheck NONE = spec -> List.of();

  /** Takes modules for files that a build is still to write: looks at nothing, misses nothing. */
  ModuleCheck UNBUILT =
      new ModuleCheck() {
        @Override
        public List<String> problems(FunctionSpec spec) {
          return List.of();
        }

        @Override
        public boolean expectsFiles() {
          return false;
        }
      };

  /** Whether a module that is not there is a problem. */
  default boolean expectsFiles() {
    return true;
  }

  /**
   * The same check of modules that a worker which keeps its state in this file may have compiled
   * before; those need not be looked at as closely again.
   */
  default ModuleCheck beside(Path store) {
    return this;
  }

  /**
   * What is wrong with a function's module, one sentence each; empty if nothing is. The file is
   * there and can be read. Must not throw. May block.
   */
  List<String> problems(FunctionSpec spec);

  /**
   * What will fail when the guest tries it, though the module can be deployed: a host call that it
   * imports and has no grant for. One sentence each. As {@link #problems} otherwise.
   */
  default List<String> warnings(FunctionSpec spec) {
    return List.of();
  }
}
