package dev.millrace.worker.cli;

import dev.millrace.worker.manifest.Manifest;
import dev.millrace.worker.wasm.Engine;
import dev.millrace.worker.wasm.EngineOptions;
import dev.millrace.worker.wasm.inspection.ModuleReport;
import dev.millrace.worker.wasm.spec.AbiSpec;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import dev.millrace.worker.wasm.spec.FunctionSpec.InstanceMode;
import dev.millrace.worker.wasm.spec.Grants;
import dev.millrace.worker.wasm.spec.Limits;
import dev.millrace.worker.wasm.spec.Program;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code millrace inspect}: what a module is, and whether it will run. */
@Command(
    name = "inspect",
    description = {
      "Tells what a WebAssembly file is, which ABI it speaks and why, what it imports and exports,"
          + " and whether it will run.",
      "Nothing of it is run. Exit code 1 if it will not run."
    })
final class InspectCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "FILE",
      arity = "0..1",
      description = "A .wasm file. Default: the one of --function.")
  private @Nullable Path file;

  @Option(
      names = {"-f", "--manifest"},
      paramLabel = "MANIFEST",
      defaultValue = ".",
      description =
          "The manifest of --function, or a directory with a millrace.yaml. Default:"
              + " ${DEFAULT-VALUE}.")
  private Path manifest = Path.of(".");

  @Option(
      names = "--function",
      paramLabel = "FUNCTION",
      description =
          "Hold the file against this function of the manifest: its ABI, limits and grants."
              + " Default: no grants, and the usual limits.")
  private @Nullable String function;

  @Mixin private Output output = new Output();

  @Override
  public Integer call() {
    FunctionSpec inspected = inspected();
    Path module =
        inspected
            .program()
            .module()
            .orElseThrow(
                () ->
                    new CommandException(
                        ExitCodes.CHECK_FAILED,
                        inspected.program()
                            + " is a script that the worker interprets; there is no module to look"
                            + " at: use 'millrace lint' and 'millrace test'"));
    if (!Files.isRegularFile(module)) {
      throw new CommandException(
          ExitCodes.NOT_FOUND, module + " is not there; build it, or correct the path");
    }
    ModuleReport report;
    try (Engine engine = Engine.open(EngineOptions.defaults())) {
      report = engine.report(inspected);
    }
    InspectReport rendered = new InspectReport(inspected, report, function != null);
    output.document(rendered.text(), rendered.json());
    return report.runs() ? ExitCodes.DONE : ExitCodes.CHECK_FAILED;
  }

  private FunctionSpec inspected() {
    if (function == null) {
      if (file == null) {
        throw new ParameterException(spec.commandLine(), "Missing required parameter: 'FILE'");
      }
      return new FunctionSpec(
          "inspect",
          Program.module(file),
          AbiSpec.AUTO,
          Limits.DEFAULT,
          InstanceMode.FRESH,
          1,
          Map.of(),
          Map.of(),
          Grants.NONE);
    }
    Manifest loaded = ManifestLoader.loadWithoutModules(manifest);
    FunctionSpec found = loaded.functions().get(function);
    if (found == null) {
      throw new CommandException(
          ExitCodes.NOT_FOUND,
          "no function named '"
              + function
              + "' in "
              + loaded.file()
              + "; there are "
              + String.join(", ", loaded.functions().keySet()));
    }
    return file == null ? found : found.withModule(file);
  }
}
