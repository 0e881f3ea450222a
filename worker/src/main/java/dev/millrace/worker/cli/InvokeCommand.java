package dev.millrace.worker.cli;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.abi.Message;
import dev.millrace.triggers.FailureKind;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.dispatch.Outcome;
import dev.millrace.worker.http.OkHttpGateway;
import dev.millrace.worker.manifest.Manifest;
import dev.millrace.worker.store.StoreView;
import dev.millrace.worker.wasm.DeployException;
import dev.millrace.worker.wasm.Engine;
import dev.millrace.worker.wasm.FunctionSpec;
import dev.millrace.worker.wasm.HttpGateway;
import dev.millrace.worker.wasm.WasmFunction;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
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

  @Option(
      names = {"-e", "--event"},
      paramLabel = "FILE",
      description =
          "The whole event as a JSON object, - for stdin: CloudEvents attributes, key, headers and"
              + " data, as 'dlq show -o json' writes it. The options below override it.")
  private @Nullable String event;

  @Option(
      names = {"-d", "--data"},
      paramLabel = "DATA",
      description = "The event's data: text, @FILE, or @- for stdin. Default: no data.")
  private @Nullable String data;

  @Option(
      names = {"-a", "--attribute"},
      paramLabel = "NAME=VALUE",
      description =
          "An attribute of the event: id, source, type, subject, time, datacontenttype, dataschema"
              + " or an extension. Can be repeated.")
  private Map<String, String> attributes = new LinkedHashMap<>();

  @Option(names = "--key", paramLabel = "KEY", description = "The event's key.")
  private @Nullable String key;

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
    if (again && (event != null || data != null || key != null || !attributes.isEmpty())) {
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
    FunctionSpec named = find(loaded, String.valueOf(function));
    try (WasmFunction deployed = engine.deploy(named)) {
      return report(deployed.invoke(new Invocation(event(), "invoke", attempt)), err);
    }
  }

  private int reproduce(Manifest loaded, Engine engine, PrintWriter err) throws DeployException {
    LetterJson.Read read = letter(loaded);
    Reproduction reproduction = new Reproduction(read, err);
    String name = function == null ? read.letter().function() : function;
    Invocation.Result result = reproduction.run(engine, find(loaded, name));
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

  private FunctionSpec find(Manifest loaded, String name) {
    FunctionSpec found = loaded.functions().get(name);
    if (found == null) {
      throw new CommandException(
          ExitCodes.NOT_FOUND,
          "no function named '"
              + name
              + "' in "
              + loaded.file()
              + "; there are "
              + String.join(", ", loaded.functions().keySet()));
    }
    return found;
  }

  /** The event of the file, if one is named, with what the other options say in its place. */
  private DetachedEvent event() throws IOException {
    try {
      DetachedEvent fresh =
          DetachedEvent.of(
              "invoke:" + UUID.randomUUID(),
              "millrace:invoke",
              "dev.millrace.invoke",
              Instant.now(),
              (byte[]) null);
      return overridden(event == null ? fresh : EventJson.read(Input.read(event), fresh));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private DetachedEvent overridden(DetachedEvent base) throws IOException {
    Map<String, String> given = new LinkedHashMap<>(attributes);
    String id = take(given, "id").orElse(base.id());
    String source = take(given, "source").orElse(base.source());
    String type = take(given, "type").orElse(base.type());
    Optional<String> subject = take(given, "subject").or(base::subject);
    Instant time = take(given, "time").map(EventJson::time).orElse(base.time());
    Optional<String> contentType = take(given, "datacontenttype").or(base::dataContentType);
    Optional<String> schema = take(given, "dataschema").or(base::dataSchema);
    Map<String, String> extensions = new LinkedHashMap<>(base.extensions());
    extensions.putAll(given);
    return new DetachedEvent(
        id,
        source,
        type,
        subject,
        time,
        contentType,
        schema,
        extensions,
        key == null ? base.key() : key.getBytes(StandardCharsets.UTF_8),
        base.headers(),
        data == null ? base.data() : data(data));
  }

  private static Optional<String> take(Map<String, String> attributes, String name) {
    return Optional.ofNullable(attributes.remove(name));
  }

  private static byte[] data(String given) throws IOException {
    return given.startsWith("@")
        ? Input.read(given.substring(1))
        : given.getBytes(StandardCharsets.UTF_8);
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
