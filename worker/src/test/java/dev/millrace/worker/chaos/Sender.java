package dev.millrace.worker.chaos;

import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/**
 * Sends events in the order of their numbers, and enters each into the history when the broker has
 * confirmed it. For one thread at a time.
 */
final class Sender implements AutoCloseable {

  private final IntFunction<Workload.Planned> events;
  private final String topic;
  private final History history;
  private final KafkaProducer<String, byte[]> producer;
  private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
  private int next;

  /**
   * A sender that has sent nothing.
   *
   * @param events the event of each number, from 0
   */
  Sender(String bootstrap, String topic, IntFunction<Workload.Planned> events, History history) {
    this.events = events;
    this.topic = topic;
    this.history = history;
    this.producer =
        new KafkaProducer<>(
            Map.of(
                "bootstrap.servers",
                bootstrap,
                "linger.ms",
                5,
                "max.in.flight.requests.per.connection",
                1),
            new StringSerializer(),
            new ByteArraySerializer());
  }

  /** Sends the next events; they may be confirmed later. */
  @SuppressWarnings("FutureReturnValueIgnored") // the callback learns of it
  void send(int count) {
    for (int last = next + count; next < last; next++) {
      Workload.Planned event = events.apply(next);
      producer.send(
          new ProducerRecord<>(topic, event.key(), event.data()),
          (confirmed, error) -> confirmed(event, confirmed, error));
    }
  }

  private void confirmed(
      Workload.Planned event, RecordMetadata metadata, @Nullable Exception error) {
    if (error == null) {
      history.add(
          new History.Sent(
              event.key(),
              event.number(),
              metadata.partition(),
              metadata.offset(),
              event.expected(),
              HexFormat.of().formatHex(event.data())));
    } else {
      failure.set(error);
    }
  }

  /** Waits until all that was sent is confirmed. */
  void flush() {
    producer.flush();
    Exception error = failure.get();
    if (error != null) {
      throw new AssertionError("the test could not send its own events", error);
    }
  }

  /** How many events were sent. */
  int sent() {
    return next;
  }

  @Override
  public void close() {
    producer.close();
  }
}
