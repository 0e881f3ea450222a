package dev.millrace.worker.cli;

import dev.millrace.abi.Message;
import dev.millrace.triggers.FailureKind;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.dispatch.Outcome;
import dev.millrace.worker.http.OkHttpGateway;
import dev.millrace.worker.manifest.Manifest;
import dev.millrace.worker.store.StoreView;
import dev.millrace.worker.wasm.DeployException;
import dev.millrace.worker.wasm.Engine;
import dev.millrace.worker.wasm.WasmFunction;
import dev.millrace.worker.wasm.host.HttpGateway;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code millrace invoke}: one event through one function, without any broker. */
@Command(
    name = "invoke",
    description = {
      "Runs one function on one event, without any broker or store.",
      "The reply goes to stdout, byte for byte; what the guest logs and publishes goes to stderr.",
      "Exit code 0 when the function is done; 1 when it asks for a retry, rejects or fails.",
      "With --dead-letter it runs the last attempt of a dead letter again, as it was recorded."
    })
final class InvokeCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "FUNCTION",
      arity = "0..1",
      description = "A function of the manifest. Default: the one of the dead letter.")
  private @Nullable String function;

  @Option(
      names = {"-f", "--manifest"},
      paramLabel = "MANIFEST",
      defaultValue = ".",
      description = "The manifest, or a directory with a millrace.yaml. Default: ${DEFAULT-VALUE}.")
  private Path manifest = Path.of(".");

  @Mixin private EventArguments event = new EventArguments();

  @Option(
      names = "--attempt",
      paramLabel = "N",
      defaultValue = "1",
      description = "Which attempt the function is told this is. Default: ${DEFAULT-VALUE}.")
  private int attempt = 1;

  @Option(
      names = "--dead-letter",
      paramLabel = "LETTER",
      description = {
        "Run the last attempt of this dead letter again: its event, its limits, its clocks and random"
            + " numbers, as recorded. A number, an id, or the start of an id."
      })
  private @Nullable String deadLetter;

  @Option(
      names = "--dead-letter-file",
      paramLabel = "FILE",
      description =
          "Take the dead letter from a file that 'dlq export' wrote, - for stdin: the one that"
              + " --dead-letter names, or the first.")
  private @Nullable String deadLetterFile;

  @Option(
      names = "--store",
      paramLabel = "STORE",
      description = "The store that has the dead letter, instead of the manifest's.")
  private @Nullable String store;

  @Override
  public Integer call() throws IOException {
    PrintWriter err = spec.commandLine().getErr();
    boolean again = deadLetter != null || deadLetterFile != null;
    if (function == null && !again) {
      throw new ParameterException(spec.commandLine(), "Missing required parameter: 'FUNCTION'");
    }
    if (again && event.given()) {
      throw new ParameterException(
          spec.commandLine(),
          "a dead letter has its event; to run another one, leave out --dead-letter");
    }
    Manifest loaded = ManifestLoader.load(manifest);
    try (OkHttpGateway http = OkHttpGateway.open();
        Engine engine = CommandEngine.open(loaded, again ? HttpGateway.NONE : http)) {
      return again ? reproduce(loaded, engine, err) : invoke(loaded, engine, err);
    } catch (DeployException e) {
      throw new CommandException(ExitCodes.MANIFEST_INVALID, e.getMessage());
    }
  }

  private int invoke(Manifest loaded, Engine engine, PrintWriter err)
      throws DeployException, IOException {
    FunctionSpec named = ManifestLoader.function(loaded, String.valueOf(function));
    try (WasmFunction deployed = engine.deploy(named)) {
      return report(deployed.invoke(new Invocation(event.event(), "invoke", attempt)), err);
    }
  }

  private int reproduce(Manifest loaded, Engine engine, PrintWriter err) throws DeployException {
    LetterJson.Read read = letter(loaded);
    Reproduction reproduction = new Reproduction(read, err);
    String name = function == null ? read.letter().function() : function;
    Invocation.Result result = reproduction.run(engine, ManifestLoader.function(loaded, name));
    int exitCode = report(result, err);
    reproduction.conclude(result.outcome());
    return exitCode;
  }

  private LetterJson.Read letter(Manifest loaded) {
    String reference = deadLetter;
    if (deadLetterFile == null) {
      try (StoreView view = StoreAccess.open(loaded, store)) {
        return LetterJson.Read.of(
            StoreAccess.require(view.deadLetters(), String.valueOf(reference)));
      }
    }
    List<LetterJson.Read> found = new ArrayList<>(1);
    new LetterFile(deadLetterFile)
        .each(
            read -> {
              if (reference == null || read.letter().id().startsWith(reference)) {
                found.add(read);
              }
              return found.isEmpty();
            });
    if (found.isEmpty()) {
      throw new CommandException(
          ExitCodes.NOT_FOUND,
          deadLetterFile
              + " has no dead letter"
              + (reference == null ? "" : " whose id starts with '" + reference + "'"));
    }
    return found.getFirst();
  }

  private static int report(Invocation.Result result, PrintWriter err) {
    if (!result.log().isEmpty()) {
      err.println(result.log().stripTrailing());
    }
    return switch (result.outcome()) {
      case Outcome.Succeeded succeeded -> {
        succeeded.publishes().forEach(message -> err.println("publish " + describe(message)));
        err.flush();
        write(succeeded.reply());
        yield ExitCodes.DONE;
      }
      case Outcome.Failed failed -> {
        err.println(name(failed.kind()) + ": " + failed.error());
        failed.retryAfter().ifPresent(after -> err.println("retry after " + after));
        yield ExitCodes.CHECK_FAILED;
      }
    };
  }

  private static String name(FailureKind kind) {
    return switch (kind) {
      case REJECTED -> "rejected";
      case RETRY_REQUESTED -> "retry requested";
      default -> "failed (" + kind + ")";
    };
  }

  private static String describe(Message message) {
    byte[] bytes = message.data();
    return (message.to().equals(Message.TO_REPLY) ? "(where replies go)" : message.to())
        + " "
        + (bytes == null ? "(no data)" : new String(bytes, StandardCharsets.UTF_8));
  }

  private static void write(byte @Nullable [] reply) {
    if (reply != null) {
      PrintStream out = System.out;
      out.write(reply, 0, reply.length);
      out.flush();
    }
  }
}
