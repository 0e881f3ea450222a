package dev.millrace.worker.cli;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.abi.Message;
import dev.millrace.triggers.FailureKind;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.dispatch.Outcome;
import dev.millrace.worker.manifest.Manifest;
import dev.millrace.worker.wasm.DeployException;
import dev.millrace.worker.wasm.Engine;
import dev.millrace.worker.wasm.FunctionSpec;
import dev.millrace.worker.wasm.WasmFunction;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
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
      "Exit code 0 when the function is done; 1 when it asks for a retry, rejects or fails."
    })
final class InvokeCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FUNCTION", description = "A function of the manifest.")
  private String function = "";

  @Option(
      names = {"-f", "--manifest"},
      paramLabel = "MANIFEST",
      defaultValue = ".",
      description = "The manifest, or a directory with a millrace.yaml. Default: ${DEFAULT-VALUE}.")
  private Path manifest = Path.of(".");

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

  @Override
  public Integer call() throws IOException {
    PrintWriter err = spec.commandLine().getErr();
    Manifest loaded = ManifestLoader.load(manifest);
    FunctionSpec function = find(loaded);
    try (Engine engine = CommandEngine.open(loaded);
        WasmFunction deployed = engine.deploy(function)) {
      Invocation.Result result = deployed.invoke(new Invocation(event(), "invoke", attempt));
      return report(result, err);
    } catch (DeployException e) {
      throw new CommandException(ExitCodes.MANIFEST_INVALID, e.getMessage());
    }
  }

  private FunctionSpec find(Manifest loaded) {
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
    return found;
  }

  private DetachedEvent event() throws IOException {
    Map<String, String> given = new LinkedHashMap<>(attributes);
    String id = take(given, "id").orElseGet(() -> "invoke:" + UUID.randomUUID());
    String source = take(given, "source").orElse("millrace:invoke");
    String type = take(given, "type").orElse("dev.millrace.invoke");
    Optional<String> subject = take(given, "subject");
    Instant time = take(given, "time").map(this::time).orElseGet(Instant::now);
    Optional<String> contentType = take(given, "datacontenttype");
    Optional<String> schema = take(given, "dataschema");
    return new DetachedEvent(
        id,
        source,
        type,
        subject,
        time,
        contentType,
        schema,
        given,
        key == null ? null : key.getBytes(StandardCharsets.UTF_8),
        List.of(),
        data());
  }

  private Instant time(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException e) {
      throw new ParameterException(
          spec.commandLine(),
          "--attribute: time=" + text + " is no time; write it as 2026-01-31T12:00:00Z",
          e);
    }
  }

  private static Optional<String> take(Map<String, String> attributes, String name) {
    return Optional.ofNullable(attributes.remove(name));
  }

  private byte @Nullable [] data() throws IOException {
    if (data == null) {
      return null;
    }
    if (data.equals("@-")) {
      return System.in.readAllBytes();
    }
    if (data.startsWith("@")) {
      Path file = Path.of(data.substring(1));
      if (!Files.isReadable(file)) {
        throw new CommandException(ExitCodes.NOT_FOUND, "the file " + file + " cannot be read");
      }
      return Files.readAllBytes(file);
    }
    return data.getBytes(StandardCharsets.UTF_8);
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
    return message.to()
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
