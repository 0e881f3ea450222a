package dev.millrace.worker.cli;

import dev.millrace.worker.manifest.ModuleCheck;
import dev.millrace.worker.wasm.Engine;
import dev.millrace.worker.wasm.FunctionSpec;
import java.util.List;

/** Looks into modules with the engine that will run them. */
record EngineModuleCheck(Engine engine) implements ModuleCheck {

  @Override
  public List<String> problems(FunctionSpec spec) {
    return engine.inspect(spec).problems();
  }

  @Override
  public List<String> warnings(FunctionSpec spec) {
    return engine.inspect(spec).warnings();
  }
}
