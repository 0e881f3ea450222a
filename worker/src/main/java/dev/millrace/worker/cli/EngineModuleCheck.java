package dev.millrace.worker.cli;

import dev.millrace.worker.manifest.ModuleCheck;
import dev.millrace.worker.wasm.EngineOptions;
import dev.millrace.worker.wasm.inspection.Inspection;
import dev.millrace.worker.wasm.inspection.ModuleInspector;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Looks into modules with the engine that will run them. For one thread. */
final class EngineModuleCheck implements ModuleCheck {

  private final Optional<Path> state;
  private final ModuleInspector inspector;

  /** The function that was asked about last, whose problems and warnings are one look. */
  private @Nullable FunctionSpec latest;

  private Inspection seen = Inspection.NOTHING;

  private EngineModuleCheck(Optional<Path> state, ModuleInspector inspector) {
    this.state = state;
    this.inspector = inspector;
  }

  /**
   * @param state where the command line says that the worker keeps its state, in place of the
   *     manifest
   */
  static EngineModuleCheck of(Optional<Path> state) {
    return new EngineModuleCheck(state, ModuleInspector.ofWholeModules());
  }

  @Override
  public ModuleCheck beside(Path store) {
    Path cache = EngineOptions.cacheBeside(state.orElse(store));
    return new EngineModuleCheck(state, ModuleInspector.beside(cache));
  }

  @Override
  public List<String> problems(FunctionSpec spec) {
    return inspect(spec).problems();
  }

  @Override
  public List<String> warnings(FunctionSpec spec) {
    return inspect(spec).warnings();
  }

  /** Both questions are asked of the same object, one after the other. */
  @SuppressWarnings("ReferenceEquality")
  private Inspection inspect(FunctionSpec spec) {
    if (spec != latest) {
      seen = inspector.inspect(spec);
      latest = spec;
    }
    return seen;
  }
}
