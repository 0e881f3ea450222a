package dev.millrace.triggers.kafka;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.abi.Header;
import dev.millrace.abi.Message;
import dev.millrace.triggers.DeadLetter;
import dev.millrace.triggers.DeadLetterSink;
import dev.millrace.triggers.Destination;
import dev.millrace.triggers.Publisher;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Stores dead letters in a Kafka topic.
 *
 * <p>A letter is one record: key, value and headers of the event byte for byte, and after them
 *
 * <ul>
 *   <li>ours, UTF-8 text: {@code millrace-id}, {@code -trigger}, {@code -function}, {@code
 *       -version}, {@code -failure} (a {@link dev.millrace.triggers.FailureKind}), {@code -error},
 *       {@code -attempts} (decimal), {@code -received-at} and {@code -failed-at} (ISO 8601), and
 *       {@code millrace-event-*} for each attribute of the event: {@code id}, {@code source},
 *       {@code type}, {@code time}, …, extensions included;
 *   <li>for an event that came from Kafka, Spring's, in Spring's encodings: {@code
 *       kafka_dlt-original-topic}, {@code -partition} (4 bytes, big-endian), {@code -offset} and
 *       {@code -timestamp} (8 bytes, big-endian), {@code -timestamp-type}, {@code -consumer-group};
 *       and Kafka Connect's: {@code __connect.errors.topic}, {@code .partition} and {@code .offset}
 *       (decimal text). Consoles that know either can send the record back;
 *   <li>Spring's {@code kafka_dlt-exception-fqcn} ({@code dev.millrace.failure.TRAP}) and {@code
 *       kafka_dlt-exception-message}, and Connect's {@code __connect.errors.exception.class.name}
 *       and {@code .exception.message} with the same content.
 * </ul>
 *
 * <p>A structured CloudEvent (its headers say {@code content-type: application/cloudevents+json})
 * is written in CloudEvents' binary mode instead: the same event, its data as value and its
 * attributes as {@code ce_*} headers, in place of the {@code content-type} header.
 *
 * <p>A letter stored twice has the same {@code millrace-id} twice.
 */
public final class KafkaDeadLetterSink implements DeadLetterSink {

  private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,18}");

  private final Publisher publisher;
  private final Destination to;

  /**
   * A sink that writes to a topic.
   *
   * @param publisher a publisher of the destination's connection; stays the caller's, who closes it
   * @param to the connection and the topic
   */
  public KafkaDeadLetterSink(Publisher publisher, Destination to) {
    this.publisher = publisher;
    this.to = to;
  }

  @Override
  public CompletionStage<Void> store(DeadLetter letter) {
    return publisher.publish(List.of(message(letter)));
  }

  @Override
  public String description() {
    return to.toString();
  }

  @Override
  public void close() {
    // the publisher is shared, and fails what is not confirmed when it is closed
  }

  private Message message(DeadLetter letter) {
    DetachedEvent event = letter.event();
    Headers headers = new Headers();
    if (StructuredCloudEvent.isSourceOf(event)) {
      headers.all.addAll(BinaryCloudEvent.headers(event));
    } else {
      headers.all.addAll(event.headers());
    }
    addOwn(headers, letter);
    addOrigin(headers, event.extensions());
    addFailure(headers, letter);
    return new Message(to.toString(), event.key(), headers.all, event.data());
  }

  private static void addOwn(Headers headers, DeadLetter letter) {
    headers.text("millrace-id", letter.id());
    headers.text("millrace-trigger", letter.trigger());
    headers.text("millrace-function", letter.function());
    headers.text("millrace-version", letter.version());
    headers.text("millrace-failure", letter.failure().name());
    headers.text("millrace-error", letter.error());
    headers.text("millrace-attempts", Integer.toString(letter.attemptCount()));
    headers.text("millrace-received-at", letter.receivedAt().toString());
    headers.text("millrace-failed-at", letter.failedAt().toString());
    DetachedEvent event = letter.event();
    Map<String, String> attributes = new TreeMap<>(event.extensions());
    attributes.put("id", event.id());
    attributes.put("source", event.source());
    attributes.put("type", event.type());
    attributes.put("time", event.time().toString());
    event.subject().ifPresent(value -> attributes.put("subject", value));
    event.dataContentType().ifPresent(value -> attributes.put("datacontenttype", value));
    event.dataSchema().ifPresent(value -> attributes.put("dataschema", value));
    attributes.forEach((name, value) -> headers.text("millrace-event-" + name, value));
  }

  private static void addOrigin(Headers headers, Map<String, String> extensions) {
    String topic = extensions.get(Coordinates.TOPIC);
    String partition = extensions.get(Coordinates.PARTITION);
    String offset = extensions.get(Coordinates.OFFSET);
    if (topic == null || partition == null || offset == null) {
      return;
    }
    headers.text("kafka_dlt-original-topic", topic);
    headers.number("kafka_dlt-original-partition", Integer.BYTES, partition);
    headers.number("kafka_dlt-original-offset", Long.BYTES, offset);
    headers.number(
        "kafka_dlt-original-timestamp", Long.BYTES, extensions.get(Coordinates.TIMESTAMP));
    headers.text("kafka_dlt-original-timestamp-type", extensions.get(Coordinates.TIMESTAMP_TYPE));
    headers.text("kafka_dlt-original-consumer-group", extensions.get(Coordinates.GROUP));
    headers.text("__connect.errors.topic", topic);
    headers.text("__connect.errors.partition", partition);
    headers.text("__connect.errors.offset", offset);
  }

  private static void addFailure(Headers headers, DeadLetter letter) {
    String kind = "dev.millrace.failure." + letter.failure().name();
    headers.text("kafka_dlt-exception-fqcn", kind);
    headers.text("kafka_dlt-exception-message", letter.error());
    headers.text("__connect.errors.exception.class.name", kind);
    headers.text("__connect.errors.exception.message", letter.error());
  }

  /** Headers in the making. */
  private static final class Headers {
    private final List<Header> all = new ArrayList<>();

    void text(String name, @Nullable String value) {
      if (value != null) {
        all.add(new Header(name, value.getBytes(StandardCharsets.UTF_8)));
      }
    }

    /** A number in big-endian bytes; nothing if the text is none, as only a forged one is. */
    void number(String name, int bytes, @Nullable String decimal) {
      if (decimal == null || !NUMBER.matcher(decimal).matches()) {
        return;
      }
      byte[] eight = ByteBuffer.allocate(Long.BYTES).putLong(Long.parseLong(decimal)).array();
      all.add(new Header(name, Arrays.copyOfRange(eight, Long.BYTES - bytes, Long.BYTES)));
    }
  }
}
