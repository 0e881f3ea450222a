package dev.millrace.triggers.kafka;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.abi.Event;
import dev.millrace.abi.Header;
import dev.millrace.abi.Message;
import dev.millrace.triggers.Attempt;
import dev.millrace.triggers.DeadLetter;
import dev.millrace.triggers.Destination;
import dev.millrace.triggers.FailureKind;
import dev.millrace.triggers.Publisher;
import dev.millrace.triggers.Recording;
import dev.millrace.triggers.RecordingCodec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class KafkaDeadLetterSinkTest {

  private static final byte[] NOT_UTF_8 = {(byte) 0xff, 0, (byte) 0xc3, 0x28};
  private static final Instant RECEIVED = Instant.parse("2026-01-02T03:04:05Z");

  private final List<Message> sent = new ArrayList<>();
  private final List<CompletionStage<Void>> answers = new ArrayList<>();
  private CompletionStage<Void> answer = CompletableFuture.completedStage(null);
  private final Publisher publisher =
      new Publisher() {
        @Override
        public CompletionStage<Void> publish(List<Message> messages) {
          sent.addAll(messages);
          return answers.isEmpty() ? answer : answers.removeFirst();
        }

        @Override
        public void close() {
          throw new AssertionError("the publisher is not the sink's");
        }
      };
  private final KafkaDeadLetterSink sink =
      new KafkaDeadLetterSink(publisher, Destination.parse("events/orders.dlq"));

  private static Event record(byte @Nullable [] key, byte @Nullable [] value, Header... headers) {
    return RecordEvents.of(
        new ConsumerRecord<>(
            "orders",
            3,
            1042,
            1_000,
            TimestampType.CREATE_TIME,
            0,
            0,
            key,
            value,
            RecordHeaders.toKafka(List.of(headers)),
            Optional.empty()),
        new Arrival("charge", RECEIVED));
  }

  private static DeadLetter letter(Event event) {
    return new DeadLetter(
        "orders/" + event.id(),
        DetachedEvent.copyOf(event),
        "orders",
        "charge",
        "abc123",
        FailureKind.TRAP,
        "unreachable",
        RECEIVED,
        RECEIVED.plusSeconds(9),
        List.of(),
        5);
  }

  private Message store(Event event) {
    sink.store(letter(event)).toCompletableFuture().join();
    return sent.get(sent.size() - 1);
  }

  private static byte @Nullable [] bytes(Message message, String name) {
    byte[] last = null;
    for (Header header : message.headers()) {
      if (header.name().equals(name)) {
        last = header.value();
      }
    }
    return last;
  }

  private static @Nullable String text(Message message, String name) {
    byte[] bytes = bytes(message, name);
    return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
  }

  private static Header header(String name, String value) {
    return new Header(name, value.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void keepsKeyValueAndHeadersByteForByte() {
    Message message =
        store(record(NOT_UTF_8, NOT_UTF_8, new Header("raw", NOT_UTF_8), new Header("raw", null)));

    assertEquals("events/orders.dlq", message.to());
    assertArrayEquals(NOT_UTF_8, message.key());
    assertArrayEquals(NOT_UTF_8, message.data());
    assertEquals("raw", message.headers().get(0).name());
    assertArrayEquals(NOT_UTF_8, message.headers().get(0).value());
    assertEquals("raw", message.headers().get(1).name());
    assertNull(message.headers().get(1).value());
  }

  @Test
  void keepsATombstone() {
    Message message = store(record(null, null));

    assertNull(message.key());
    assertNull(message.data());
  }

  @Test
  void tellsWhatHappened() {
    Message message = store(record(null, new byte[1]));

    assertEquals("orders/kafka:orders/3/1042", text(message, "millrace-id"));
    assertEquals("orders", text(message, "millrace-trigger"));
    assertEquals("charge", text(message, "millrace-function"));
    assertEquals("abc123", text(message, "millrace-version"));
    assertEquals("TRAP", text(message, "millrace-failure"));
    assertEquals("unreachable", text(message, "millrace-error"));
    assertEquals("5", text(message, "millrace-attempts"));
    assertEquals("2026-01-02T03:04:05Z", text(message, "millrace-received-at"));
    assertEquals("2026-01-02T03:04:14Z", text(message, "millrace-failed-at"));
    assertEquals("kafka:orders/3/1042", text(message, "millrace-event-id"));
    assertEquals("kafka:orders", text(message, "millrace-event-source"));
    assertEquals("dev.millrace.kafka.record", text(message, "millrace-event-type"));
  }

  @Test
  void tellsTheOriginAsSpringAndConnectDo() {
    Message message = store(record(null, new byte[1]));

    assertEquals("orders", text(message, "kafka_dlt-original-topic"));
    assertArrayEquals(new byte[] {0, 0, 0, 3}, bytes(message, "kafka_dlt-original-partition"));
    assertArrayEquals(
        new byte[] {0, 0, 0, 0, 0, 0, 4, 18}, bytes(message, "kafka_dlt-original-offset"));
    assertArrayEquals(
        new byte[] {0, 0, 0, 0, 0, 0, 3, (byte) 0xe8},
        bytes(message, "kafka_dlt-original-timestamp"));
    assertEquals("CreateTime", text(message, "kafka_dlt-original-timestamp-type"));
    assertEquals("charge", text(message, "kafka_dlt-original-consumer-group"));
    assertEquals("dev.millrace.failure.TRAP", text(message, "kafka_dlt-exception-fqcn"));
    assertEquals("unreachable", text(message, "kafka_dlt-exception-message"));
    assertEquals("orders", text(message, "__connect.errors.topic"));
    assertEquals("3", text(message, "__connect.errors.partition"));
    assertEquals("1042", text(message, "__connect.errors.offset"));
    assertEquals("dev.millrace.failure.TRAP", text(message, "kafka_dlt-exception-cause-fqcn"));
    assertEquals("unreachable", text(message, "kafka_dlt-exception-stacktrace"));
    assertEquals("TASK_PUT", text(message, "__connect.errors.stage"));
    assertEquals("dev.millrace.function.charge", text(message, "__connect.errors.class.name"));
  }

  @Test
  void tellsWithWhatItCanBeReproduced() {
    Recording recording = recording(new byte[100]);
    sink.store(recorded(letter(record(null, null)), recording)).toCompletableFuture().join();
    Message message = sent.getLast();

    assertEquals("c0ffee", text(message, "millrace-module"));
    assertArrayEquals(
        RecordingCodec.encode(recording),
        Base64.getDecoder().decode(text(message, "millrace-recording")));

    sink.store(recorded(letter(record(null, null)), recording(new byte[60_000])))
        .toCompletableFuture()
        .join();
    assertEquals("c0ffee", text(sent.getLast(), "millrace-module"));
    assertNull(text(sent.getLast(), "millrace-recording"), "too large to stand beside an event");
  }

  private static Recording recording(byte[] entries) {
    return new Recording(
        "c0ffee",
        new Recording.Limits(Duration.ofSeconds(1), 1, 2, 3, 4),
        1,
        0,
        Recording.Tape.EMPTY,
        new Recording.Tape(new byte[0], entries, false));
  }

  private static DeadLetter recorded(DeadLetter letter, Recording recording) {
    return new DeadLetter(
        letter.id(),
        letter.event(),
        letter.trigger(),
        letter.function(),
        letter.version(),
        letter.failure(),
        letter.error(),
        letter.receivedAt(),
        letter.failedAt(),
        letter.attempts(),
        letter.attemptCount(),
        Optional.of(recording));
  }

  @Test
  void aHostileGuestMakesNoLargeRecord() {
    String huge = "\u20ac".repeat(5 << 20);
    DeadLetter small = letter(record(null, null));
    DeadLetter letter =
        new DeadLetter(
            small.id(),
            small.event(),
            small.trigger(),
            small.function(),
            small.version(),
            small.failure(),
            huge,
            small.receivedAt(),
            small.failedAt(),
            List.of(new Attempt(1, RECEIVED, Duration.ZERO, FailureKind.TRAP, huge, huge)),
            1);

    sink.store(letter).toCompletableFuture().join();

    int size = sent.getLast().size();
    assertTrue(size < 80_000, () -> size + " bytes");
  }

  @Test
  void storesALetterThatIsTooLargeForItsTopicWithoutWhatIsNotNeeded() {
    answers.add(
        CompletableFuture.failedStage(
            new IOException("too large", new RecordTooLargeException("too large"))));

    sink.store(letter(record(NOT_UTF_8, NOT_UTF_8))).toCompletableFuture().join();

    assertEquals(2, sent.size());
    Message brief = sent.getLast();
    assertArrayEquals(NOT_UTF_8, brief.key());
    assertArrayEquals(NOT_UTF_8, brief.data());
    assertEquals("orders/kafka:orders/3/1042", text(brief, "millrace-id"));
    assertEquals("orders", text(brief, "kafka_dlt-original-topic"));
    assertArrayEquals(
        new byte[] {0, 0, 0, 0, 0, 0, 4, 18}, bytes(brief, "kafka_dlt-original-offset"));
    assertNull(text(brief, "millrace-error"));
    assertTrue(brief.size() < sent.getFirst().size() / 2);
  }

  @Test
  void tellsNoOriginForAnEventFromElsewhere() {
    DetachedEvent event = DetachedEvent.of("cron:nightly", "cron:nightly", "tick", RECEIVED, "x");

    Message message = store(event);

    assertNull(bytes(message, "kafka_dlt-original-topic"));
    assertNull(bytes(message, "__connect.errors.topic"));
    assertEquals("cron:nightly", text(message, "millrace-event-id"));
  }

  @Test
  void bearsCoordinatesThatAreNoNumbers() {
    DetachedEvent event =
        DetachedEvent.of("x", "s", "t", RECEIVED, "x")
            .withExtensions(Map.of("kafkatopic", "t", "kafkapartition", "one", "kafkaoffset", ""));

    assertNull(bytes(store(event), "kafka_dlt-original-partition"));
  }

  @Test
  void writesAStructuredCloudEventInBinaryMode() {
    Message message =
        store(
            record(
                null,
                ("{\"specversion\":\"1.0\",\"id\":\"A\",\"source\":\"/s\",\"type\":\"t\","
                        + "\"datacontenttype\":\"text/plain\",\"ext\":\"e\",\"data\":\"hello\"}")
                    .getBytes(StandardCharsets.UTF_8),
                header("content-type", "application/cloudevents+json"),
                header("other", "kept")));

    assertEquals("hello", new String(message.data(), StandardCharsets.UTF_8));
    assertEquals("text/plain", text(message, "content-type"));
    assertEquals("A", text(message, "ce_id"));
    assertEquals("/s", text(message, "ce_source"));
    assertEquals("t", text(message, "ce_type"));
    assertEquals("1.0", text(message, "ce_specversion"));
    assertEquals("e", text(message, "ce_ext"));
    assertEquals("kept", text(message, "other"));
    assertNull(bytes(message, "ce_kafkatopic"));
    Event again =
        RecordEvents.of(
            new ConsumerRecord<>(
                "orders.dlq",
                0,
                0,
                0,
                TimestampType.CREATE_TIME,
                0,
                0,
                null,
                message.data(),
                RecordHeaders.toKafka(message.headers()),
                Optional.empty()),
            new Arrival("g", RECEIVED));
    assertEquals("A", again.id());
  }

  @Test
  void keepsTheBytesOfAMalformedCloudEvent() {
    byte[] value = "{broken".getBytes(StandardCharsets.UTF_8);

    Message message =
        store(record(null, value, header("content-type", "application/cloudevents+json")));

    assertArrayEquals(value, message.data());
    assertEquals("application/cloudevents+json", text(message, "content-type"));
  }

  @Test
  void failsWhenThePublisherDoesAndLeavesItOpen() {
    answer = CompletableFuture.failedStage(new IOException("away"));

    CompletionStage<Void> stored = sink.store(letter(record(null, null)));

    assertTrue(stored.toCompletableFuture().isCompletedExceptionally());
    sink.close();
    assertEquals("events/orders.dlq", sink.description());
  }
}
