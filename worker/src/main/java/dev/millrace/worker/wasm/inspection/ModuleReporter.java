package dev.millrace.worker.wasm.inspection;

import dev.millrace.worker.wasm.module.ComponentReader;
import dev.millrace.worker.wasm.module.ComponentShape;
import dev.millrace.worker.wasm.module.Execution;
import dev.millrace.worker.wasm.module.FeatureScan;
import dev.millrace.worker.wasm.module.ModuleFile;
import dev.millrace.worker.wasm.module.ModuleFile.Kind;
import dev.millrace.worker.wasm.module.Modules;
import dev.millrace.worker.wasm.module.Sha256;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;

/** Makes {@link ModuleReport}s. */
public final class ModuleReporter {

  private final BiFunction<FunctionSpec, Modules.Opened, Inspection> inspector;
  private final Modules modules;

  /**
   * One that looks at modules in a way.
   *
   * @param inspector how a module that was read is looked at
   * @param modules where it is read, and compiled to see whether it can be
   */
  public ModuleReporter(
      BiFunction<FunctionSpec, Modules.Opened, Inspection> inspector, Modules modules) {
    this.inspector = inspector;
    this.modules = modules;
  }

  /** Looks at the module of a function, which is not a script alone. */
  public ModuleReport report(FunctionSpec spec) {
    Path path = spec.program().module().orElseThrow();
    byte[] bytes = bytes(path);
    String digest = bytes.length == 0 ? "" : Sha256.hex(bytes);
    try {
      ModuleFile file = ModuleFile.read(path);
      Modules.Opened opened = modules.open(path.toString(), file.bytes(), spec.execution());
      Inspection inspection = inspector.apply(spec, opened);
      return new ModuleReport(
          Kind.CORE_MODULE,
          bytes.length,
          digest,
          FeatureScan.of(file.module()),
          Optional.empty(),
          inspection.ok() && spec.execution() == Execution.COMPILER
              ? compiled(inspection, opened)
              : inspection);
    } catch (ModuleFile.UnreadableException e) {
      return unreadable(bytes, digest, e.getMessage());
    }
  }

  private static ModuleReport unreadable(byte[] bytes, String digest, String problem) {
    Kind kind = ModuleFile.kind(bytes);
    Inspection inspection = Inspection.unreadable(problem);
    Optional<ComponentShape> component = Optional.empty();
    if (kind == Kind.COMPONENT) {
      try {
        component = Optional.of(ComponentReader.read(bytes));
      } catch (ModuleFile.UnreadableException e) {
        inspection = inspection.withProblem(e.getMessage());
      }
    }
    return new ModuleReport(kind, bytes.length, digest, Set.of(), component, inspection);
  }

  /** Compiling is where a feature that nobody supports shows, or a function that is too large. */
  private Inspection compiled(Inspection inspection, Modules.Opened opened) {
    try {
      opened.load();
      return inspection;
    } catch (RuntimeException | LinkageError | StackOverflowError | OutOfMemoryError e) {
      return inspection.withProblem(
          "it cannot be compiled ("
              + e
              + "); a function of it is too large, or it uses a feature that is not supported");
    }
  }

  private static byte[] bytes(Path path) {
    try {
      return Files.size(path) > ModuleFile.MAX_BYTES ? new byte[0] : Files.readAllBytes(path);
    } catch (IOException e) {
      return new byte[0]; // ModuleFile says why
    }
  }
}
