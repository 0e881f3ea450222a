package dev.millrace.triggers.kafka;

import dev.millrace.abi.Event;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Makes the event of a record. */
final class RecordEvents {

  private RecordEvents() {}

  static Event of(ConsumerRecord<byte[], byte[]> record, Arrival arrival) {
    return new KafkaEvent(record, arrival, null);
  }
}
