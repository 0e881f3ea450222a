package dev.millrace.abi;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One event: CloudEvents 1.0 context attributes, a key, raw headers and data.
 *
 * <p>Triggers implement this interface over the record their client handed them, so that attributes
 * cost nothing until somebody asks. {@link DetachedEvent} is the implementation that stands by
 * itself.
 *
 * <p>Implementations are immutable and safe to read from any thread. Byte arrays are shared, not
 * copied: this is the hot path, and nobody may write to them.
 *
 * @see <a href="https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md">CloudEvents
 *     1.0.2</a>
 */
public interface Event {

  /** The extension attribute that carries the {@link #receipt} where it is not the id. */
  String RECEIPT = "millracereceipt";

  /**
   * The idempotency key, the same on every redelivery: {@code kafka:orders/3/1042}, {@code
   * cron:nightly:…}.
   */
  String id();

  /**
   * Names this event as the worker received it. The same as {@link #id} where the source gives out
   * ids; where a producer chooses them, as with CloudEvents, two events may share an id, and this
   * tells them apart.
   */
  default String receipt() {
    return extensions().getOrDefault(RECEIPT, id());
  }

  /**
   * Tells the {@link #receipt} in parts, from left to right, for who needs its characters and not
   * the string. An event whose receipt is put together tells what it is put together from.
   */
  default void tellReceipt(TextParts parts) {
    parts.text(receipt());
  }

  /**
   * Where the event comes from, a URI reference: {@code kafka:orders}, {@code redis:cache.users},
   * {@code cron:nightly}.
   */
  String source();

  /**
   * What kind of event it is: {@code dev.millrace.kafka.record} or what the producer's CloudEvent
   * says.
   */
  String type();

  /** What the event is about within its source. */
  Optional<String> subject();

  /** When it happened, as the source tells it; the time of receipt where the source does not. */
  Instant time();

  /** The media type of {@link #data()}, where the source tells it. */
  Optional<String> dataContentType();

  /** The schema that {@link #data()} adheres to, a URI, where the source tells it. */
  Optional<String> dataSchema();

  /**
   * CloudEvents extension attributes, lower-case names: {@code kafkatopic}, {@code redischannel},
   * {@code traceparent}, …
   */
  Map<String, String> extensions();

  /** The transport's key, by which order is kept; {@code null} where there is none. */
  byte @Nullable [] key();

  /** The transport's headers in their order, byte for byte. */
  List<Header> headers();

  /** The payload; {@code null} where the transport carried none, as a Kafka tombstone does. */
  byte @Nullable [] data();

  /** The bytes that this event counts for against a bound: data, key and headers. */
  default int size() {
    int size = length(data()) + length(key());
    for (Header header : headers()) {
      size += header.name().length() + length(header.value());
    }
    return size;
  }

  private static int length(byte @Nullable [] bytes) {
    return bytes == null ? 0 : bytes.length;
  }
}
