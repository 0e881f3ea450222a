package dev.millrace.triggers.kafka;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.abi.Event;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * The context attributes of one CloudEvent while it is read, by name, and the rules of CloudEvents
 * 1.0 for them.
 */
final class CloudEventAttributes {

  static final String SPEC_VERSION = "specversion";
  static final String DATA_CONTENT_TYPE = "datacontenttype";

  private final Map<String, String> values = new TreeMap<>();

  void put(String name, String value) {
    values.put(name, value);
  }

  Optional<String> get(String name) {
    return Optional.ofNullable(values.get(name));
  }

  /** Whether this may be the name of an attribute: lower-case letters and digits. */
  static boolean isName(String name) {
    return !name.isEmpty()
        && name.chars().allMatch(c -> (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'));
  }

  /** The event with these attributes, the record's key and headers, and this data. */
  DetachedEvent event(
      ConsumerRecord<byte[], byte[]> record, Arrival arrival, byte @Nullable [] data)
      throws MalformedCloudEventException {
    Map<String, String> rest = new TreeMap<>(values);
    String version = required(rest, SPEC_VERSION);
    if (!version.equals("1.0")) {
      throw new MalformedCloudEventException("specversion '" + version + "' is not 1.0");
    }
    String id = required(rest, "id");
    String source = required(rest, "source");
    String type = required(rest, "type");
    Optional<String> subject = Optional.ofNullable(rest.remove("subject"));
    Optional<String> contentType = Optional.ofNullable(rest.remove(DATA_CONTENT_TYPE));
    Optional<String> schema = Optional.ofNullable(rest.remove("dataschema"));
    String time = rest.remove("time");
    Instant instant = time == null ? Coordinates.time(record, arrival) : instant(time);
    RecordHeaders.addTracing(record.headers(), rest);
    Coordinates.addTo(rest, record, arrival);
    rest.put(Event.RECEIPT, KafkaEvent.id(record));
    return new DetachedEvent(
        id,
        source,
        type,
        subject,
        instant,
        contentType,
        schema,
        rest,
        record.key(),
        RecordHeaders.list(record.headers()),
        data);
  }

  private static String required(Map<String, String> attributes, String name)
      throws MalformedCloudEventException {
    String value = attributes.remove(name);
    if (value == null || value.isEmpty()) {
      throw new MalformedCloudEventException("attribute '" + name + "' is missing");
    }
    return value;
  }

  private static Instant instant(String time) throws MalformedCloudEventException {
    try {
      return OffsetDateTime.parse(time).toInstant();
    } catch (DateTimeException e) {
      throw new MalformedCloudEventException("attribute 'time' is not an RFC 3339 time: " + time);
    }
  }
}
