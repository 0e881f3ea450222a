package dev.millrace.triggers.kafka;

import dev.millrace.abi.Event;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * The extension attributes that say where in Kafka an event was; the dead-letter sink reads them
 * again. CloudEvents allows lower-case letters and digits in their names, at most 20.
 */
final class Coordinates {

  static final String TOPIC = "kafkatopic";
  static final String PARTITION = "kafkapartition";
  static final String OFFSET = "kafkaoffset";

  /** The record's timestamp, milliseconds since 1970. */
  static final String TIMESTAMP = "kafkatimestamp";

  /** {@code CreateTime}, {@code LogAppendTime} or {@code NoTimestampType}. */
  static final String TIMESTAMP_TYPE = "kafkatimestamptype";

  /** The consumer group that received the event. */
  static final String GROUP = "kafkagroup";

  /** Why a record that claims to be a CloudEvent is none; it arrives as a plain record. */
  static final String CLOUD_EVENT_ERROR = "cloudeventerror";

  private Coordinates() {}

  static void addTo(
      Map<String, String> extensions, ConsumerRecord<byte[], byte[]> record, Arrival arrival) {
    extensions.put(TOPIC, record.topic());
    extensions.put(PARTITION, Integer.toString(record.partition()));
    extensions.put(OFFSET, Long.toString(record.offset()));
    extensions.put(TIMESTAMP, Long.toString(record.timestamp()));
    extensions.put(TIMESTAMP_TYPE, record.timestampType().toString());
    extensions.put(GROUP, arrival.group());
  }

  /** Takes the coordinates out again. */
  static void removeFrom(Map<String, String> extensions) {
    extensions
        .keySet()
        .removeAll(
            Set.of(TOPIC, PARTITION, OFFSET, TIMESTAMP, TIMESTAMP_TYPE, GROUP, Event.RECEIPT));
  }

  /** The record's timestamp; the time of receipt for a record without one. */
  static Instant time(ConsumerRecord<byte[], byte[]> record, Arrival arrival) {
    return record.timestamp() < 0 ? arrival.at() : Instant.ofEpochMilli(record.timestamp());
  }
}
