package dev.millrace.worker.cli;

import dev.millrace.abi.DetachedEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options that say which event a function is to be given. */
final class EventArguments {

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

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

  /** Whether any of them was given. */
  boolean given() {
    return event != null || data != null || key != null || !attributes.isEmpty();
  }

  /** The event of the file, if one is named, with what the other options say in its place. */
  DetachedEvent event() throws IOException {
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
}
