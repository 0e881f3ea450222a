package dev.millrace.worker.wasm;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Looks at functions' modules without compiling or running them. Safe for any number of threads.
 */
public final class ModuleInspector {

  private final ScriptInterpreter interpreter;
  private final Optional<CompileCache> cache;

  /**
   * @param cache modules whose code it has were looked at before, and are not parsed as a whole
   */
  ModuleInspector(ScriptInterpreter interpreter, Optional<CompileCache> cache) {
    this.interpreter = interpreter;
    this.cache = cache;
  }

  /** Looks at modules of which nothing is known. */
  public static ModuleInspector ofWholeModules() {
    return new ModuleInspector(new ScriptInterpreter(), Optional.empty());
  }

  /**
   * Looks at modules that a worker with this cache may have compiled.
   *
   * @param cacheDirectory need not exist, and is not made
   */
  public static ModuleInspector beside(Path cacheDirectory) {
    return new ModuleInspector(
        new ScriptInterpreter(), Optional.of(CompileCache.at(cacheDirectory)));
  }

  /** Looks at a function's module. Never throws. */
  public Inspection inspect(FunctionSpec spec) {
    try {
      return inspect(spec, Code.read(spec.program(), interpreter, cache).module());
    } catch (ModuleFile.UnreadableException e) {
      return Inspection.unreadable(e.getMessage());
    }
  }

  static Inspection inspect(FunctionSpec spec, ModuleFile file) {
    try {
      return Inspector.inspect(spec, file);
    } catch (RuntimeException e) {
      return Inspection.unreadable(
          spec.program() + " uses something that is not supported (" + e.getMessage() + ")");
    }
  }
}
