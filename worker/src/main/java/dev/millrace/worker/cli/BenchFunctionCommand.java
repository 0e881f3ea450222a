package dev.millrace.worker.cli;

import dev.millrace.worker.bench.Figure;
import dev.millrace.worker.bench.FunctionLoad;
import dev.millrace.worker.http.OkHttpGateway;
import dev.millrace.worker.manifest.Manifest;
import dev.millrace.worker.wasm.DeployException;
import dev.millrace.worker.wasm.Engine;
import dev.millrace.worker.wasm.WasmFunction;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code millrace bench function}: what a call of one's own function costs. */
@Command(
    name = "function",
    description = {
      "Calls one function of a manifest with one event again and again, without any broker or store,"
          + " and prints calls a second, processor time, allocation and latency.",
      "With --rate calls are due at even distances, and latency counts from then: a stall shows in"
          + " every call that it kept waiting."
    })
final class BenchFunctionCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FUNCTION", description = "A function of the manifest.")
  private String function = "";

  @Option(
      names = {"-f", "--manifest"},
      paramLabel = "MANIFEST",
      defaultValue = ".",
      description = "The manifest, or a directory with a millrace.yaml. Default: ${DEFAULT-VALUE}.")
  private Path manifest = Path.of(".");

  @Mixin private EventArguments event = new EventArguments();

  @Option(
      names = "--for",
      paramLabel = "DURATION",
      defaultValue = "10s",
      description = "How long to measure. Default: ${DEFAULT-VALUE}.")
  private Duration measured = Duration.ofSeconds(10);

  @Option(
      names = "--warm-up",
      paramLabel = "DURATION",
      defaultValue = "5s",
      description = "How long to call before that. Default: ${DEFAULT-VALUE}.")
  private Duration warmUp = Duration.ofSeconds(5);

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "How many calls run at once at most. Default: as many as there are cores.")
  private @Nullable Integer threads;

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "0",
      description = "Calls a second. Default: as many as come back.")
  private double rate;

  @Mixin private BenchTable table = new BenchTable();

  @Override
  public Integer call() throws IOException, InterruptedException {
    FunctionLoad.Plan plan = plan();
    Manifest loaded = ManifestLoader.load(manifest);
    try (OkHttpGateway http = OkHttpGateway.open();
        Engine engine = CommandEngine.open(loaded, http);
        WasmFunction deployed = engine.deploy(ManifestLoader.function(loaded, function))) {
      for (Figure figure : new FunctionLoad(deployed, event.event(), plan).run()) {
        table.add(function, figure);
      }
    } catch (DeployException e) {
      throw new CommandException(ExitCodes.MANIFEST_INVALID, e.getMessage());
    }
    table.print();
    return ExitCodes.DONE;
  }

  private FunctionLoad.Plan plan() {
    try {
      return new FunctionLoad.Plan(
          threads == null ? Runtime.getRuntime().availableProcessors() : threads,
          warmUp,
          measured,
          rate);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }
}
