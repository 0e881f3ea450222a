package dev.millrace.worker.wasm.inspection;

import dev.millrace.worker.wasm.module.CompileCache;
import dev.millrace.worker.wasm.module.ModuleFile;
import dev.millrace.worker.wasm.module.Modules;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Looks at functions' modules without compiling or running them. Safe for any number of threads.
 */
public final class ModuleInspector {

  private final Modules modules;

  /**
   * @param modules what is known of modules; one that was compiled before is not parsed as a whole
   */
  public ModuleInspector(Modules modules) {
    this.modules = modules;
  }

  /** Looks at modules of which nothing is known. */
  public static ModuleInspector ofWholeModules() {
    return new ModuleInspector(new Modules(Optional.empty(), System::nanoTime));
  }

  /**
   * Looks at modules that a worker with this cache may have compiled.
   *
   * @param cacheDirectory need not exist, and is not made
   */
  public static ModuleInspector beside(Path cacheDirectory) {
    return new ModuleInspector(
        new Modules(Optional.of(CompileCache.at(cacheDirectory)), System::nanoTime));
  }

  /** Looks at a function's module. Never throws. */
  public Inspection inspect(FunctionSpec spec) {
    try {
      Code code = Code.read(spec.program());
      return inspect(spec, modules.open(code.name(), code.module(), spec.execution()));
    } catch (ModuleFile.UnreadableException e) {
      return Inspection.unreadable(e.getMessage());
    }
  }

  /** Looks at a module that was read. */
  public static Inspection inspect(FunctionSpec spec, Modules.Opened opened) {
    try {
      return Inspector.inspect(spec, opened.module(), opened.scan());
    } catch (RuntimeException e) {
      return Inspection.unreadable(
          spec.program() + " uses something that is not supported (" + e.getMessage() + ")");
    }
  }
}
