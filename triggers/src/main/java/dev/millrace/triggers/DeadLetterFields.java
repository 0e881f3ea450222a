package dev.millrace.triggers;

import dev.millrace.abi.DetachedEvent;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a dead letter says beside its event, as named texts: the same in every sink that keeps
 * fields or headers. Bounded, whatever a guest said, so that a letter fits where its event did.
 */
public final class DeadLetterFields {

  /** What fields repeat of an error, in characters; the whole is in {@code millrace-error}. */
  static final int SHORT_CHARS = 1024;

  /** What is kept of the last attempt's log, in characters. */
  static final int LOG_CHARS = 4096;

  /** A recording beyond this many bytes is left out. */
  static final int RECORDING_BYTES = 16 << 10;

  private DeadLetterFields() {}

  /**
   * Our own: {@code millrace-id}, {@code -trigger}, {@code -function}, {@code -version}, {@code
   * -failure} (a {@link FailureKind}), {@code -error}, {@code -log} (the end of the last
   * attempt's), {@code -attempts} (decimal), {@code -received-at} and {@code -failed-at} (ISO
   * 8601); {@code -module} (the SHA-256 of the module) and {@code -recording} (base64 of {@link
   * RecordingCodec}) where the last attempt was recorded; and {@code millrace-event-*} for each
   * attribute of the event, extensions included.
   */
  public static Map<String, String> own(DeadLetter letter) {
    Map<String, String> fields = identity(letter);
    fields.put("millrace-version", letter.version());
    fields.put("millrace-error", letter.error());
    fields.put("millrace-log", log(letter));
    fields.put("millrace-attempts", Integer.toString(letter.attemptCount()));
    fields.put("millrace-received-at", letter.receivedAt().toString());
    fields.put("millrace-failed-at", letter.failedAt().toString());
    letter.recording().ifPresent(recording -> add(fields, recording));
    attributes(letter.event())
        .forEach((name, value) -> fields.put("millrace-event-" + name, value));
    return fields;
  }

  /** As little as tells which dead letter it is and whose: {@code millrace-id} and three more. */
  public static Map<String, String> identity(DeadLetter letter) {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("millrace-id", letter.id());
    fields.put("millrace-trigger", letter.trigger());
    fields.put("millrace-function", letter.function());
    fields.put("millrace-failure", letter.failure().name());
    return fields;
  }

  /**
   * Where an event from Kafka was, in the names of Spring Kafka and of Kafka Connect, numbers in
   * decimal; empty for an event from elsewhere.
   */
  public static Map<String, String> origin(DeadLetter letter) {
    Map<String, String> fields = new LinkedHashMap<>();
    Map<String, String> at = letter.event().extensions();
    String topic = at.get("kafkatopic");
    String partition = at.get("kafkapartition");
    String offset = at.get("kafkaoffset");
    if (topic == null || partition == null || offset == null) {
      return fields;
    }
    fields.put("kafka_dlt-original-topic", topic);
    fields.put("kafka_dlt-original-partition", partition);
    fields.put("kafka_dlt-original-offset", offset);
    put(fields, "kafka_dlt-original-timestamp", at.get("kafkatimestamp"));
    put(fields, "kafka_dlt-original-timestamp-type", at.get("kafkatimestamptype"));
    put(fields, "kafka_dlt-original-consumer-group", at.get("kafkagroup"));
    fields.put("__connect.errors.topic", topic);
    fields.put("__connect.errors.partition", partition);
    fields.put("__connect.errors.offset", offset);
    return fields;
  }

  /**
   * What happened, in the names of Spring Kafka and of Kafka Connect. The class of the exception is
   * {@code dev.millrace.failure.TRAP} and the like; in place of a stack trace stand the error and
   * the end of the log.
   */
  public static Map<String, String> failure(DeadLetter letter) {
    String kind = "dev.millrace.failure." + letter.failure().name();
    String error = DeadLetter.shortened(letter.error(), SHORT_CHARS);
    String log = log(letter);
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("kafka_dlt-exception-fqcn", kind);
    fields.put("kafka_dlt-exception-cause-fqcn", kind);
    fields.put("kafka_dlt-exception-message", error);
    fields.put("kafka_dlt-exception-stacktrace", log.isEmpty() ? error : error + "\n" + log);
    fields.put("__connect.errors.stage", "TASK_PUT");
    fields.put("__connect.errors.class.name", "dev.millrace.function." + letter.function());
    fields.put("__connect.errors.exception.class.name", kind);
    fields.put("__connect.errors.exception.message", error);
    return fields;
  }

  private static void add(Map<String, String> fields, Recording recording) {
    fields.put("millrace-module", recording.module());
    byte[] bytes = RecordingCodec.encode(recording);
    if (bytes.length <= RECORDING_BYTES) {
      fields.put("millrace-recording", Base64.getEncoder().encodeToString(bytes));
    }
  }

  private static Map<String, String> attributes(DetachedEvent event) {
    Map<String, String> attributes = new TreeMap<>(event.extensions());
    attributes.put("id", event.id());
    attributes.put("source", event.source());
    attributes.put("type", event.type());
    attributes.put("time", event.time().toString());
    event.subject().ifPresent(value -> attributes.put("subject", value));
    event.dataContentType().ifPresent(value -> attributes.put("datacontenttype", value));
    event.dataSchema().ifPresent(value -> attributes.put("dataschema", value));
    return attributes;
  }

  private static String log(DeadLetter letter) {
    return letter.attempts().isEmpty()
        ? ""
        : Attempt.end(letter.attempts().getLast().log(), LOG_CHARS);
  }

  private static void put(Map<String, String> fields, String name, @Nullable String value) {
    if (value != null) {
      fields.put(name, value);
    }
  }
}
