package dev.millrace.triggers.kafka;

import dev.millrace.abi.Event;
import dev.millrace.abi.Header;
import dev.millrace.abi.TextParts;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * A plain Kafka record as an event. Attributes are made when somebody asks: most guests read the
 * data and nothing else.
 *
 * <p>Id {@code kafka:orders/3/1042}, source {@code kafka:orders}, type {@value #TYPE}; the
 * extensions of {@link Coordinates}.
 */
final class KafkaEvent implements Event {

  static final String TYPE = "dev.millrace.kafka.record";

  private final ConsumerRecord<byte[], byte[]> record;
  private final Arrival arrival;
  private final @Nullable String cloudEventError;

  /**
   * An event over a record.
   *
   * @param cloudEventError why the record, which claims to be a CloudEvent, is not one; {@code
   *     null} if it does not claim that
   */
  KafkaEvent(
      ConsumerRecord<byte[], byte[]> record, Arrival arrival, @Nullable String cloudEventError) {
    this.record = record;
    this.arrival = arrival;
    this.cloudEventError = cloudEventError;
  }

  @Override
  public String id() {
    return id(record);
  }

  @Override
  public String receipt() {
    return id();
  }

  @Override
  public void tellReceipt(TextParts parts) {
    parts.text("kafka:");
    parts.text(record.topic());
    parts.text("/");
    parts.number(record.partition());
    parts.text("/");
    parts.number(record.offset());
  }

  /** What names a record: {@code kafka:orders/3/1042}. */
  static String id(ConsumerRecord<byte[], byte[]> record) {
    return "kafka:" + record.topic() + "/" + record.partition() + "/" + record.offset();
  }

  @Override
  public String source() {
    return "kafka:" + record.topic();
  }

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public Optional<String> subject() {
    return Optional.empty();
  }

  @Override
  public Instant time() {
    return Coordinates.time(record, arrival);
  }

  @Override
  public Optional<String> dataContentType() {
    return RecordHeaders.text(record.headers(), RecordHeaders.CONTENT_TYPE);
  }

  @Override
  public Optional<String> dataSchema() {
    return Optional.empty();
  }

  @Override
  public Map<String, String> extensions() {
    Map<String, String> extensions = new TreeMap<>();
    RecordHeaders.addTracing(record.headers(), extensions);
    if (cloudEventError != null) {
      extensions.put(Coordinates.CLOUD_EVENT_ERROR, cloudEventError);
    }
    Coordinates.addTo(extensions, record, arrival);
    return Collections.unmodifiableMap(extensions);
  }

  @Override
  public byte @Nullable [] key() {
    return record.key();
  }

  @Override
  public List<Header> headers() {
    return RecordHeaders.list(record.headers());
  }

  @Override
  public byte @Nullable [] data() {
    return record.value();
  }

  @Override
  public int size() {
    int size = RecordHeaders.size(record.headers());
    size += record.key() == null ? 0 : record.key().length;
    return size + (record.value() == null ? 0 : record.value().length);
  }

  @Override
  public String toString() {
    return id();
  }
}
