package dev.millrace.worker.manifest;

import dev.millrace.worker.wasm.FunctionSpec;
import java.util.List;

/** Looks into a function's module: whether it can be loaded, and what it imports. */
@FunctionalInterface
public interface ModuleCheck {

  /** Looks at nothing. */
  ModuleCheck NONE = spec -> List.of();

  /**
   * What is wrong with a function's module, one sentence each; empty if nothing is. The file is
   * there and can be read. Must not throw. May block.
   */
  List<String> problems(FunctionSpec spec);
}
