package dev.millrace.triggers.kafka;

import java.time.Duration;
import java.util.Optional;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;

/**
 * The clients of a trigger that belong together: they are made, used and closed as one. Confined to
 * the poll thread.
 *
 * @param consumer reads, and is a member of the group
 * @param transactions carries results and offsets under {@code exactly_once}
 */
record KafkaLink(Consumer<byte[], byte[]> consumer, Optional<Transactions> transactions) {

  /**
   * A producer whose transactions are initialized.
   *
   * @param connection the name of the trigger's connection in the manifest
   */
  record Transactions(String connection, Producer<byte[], byte[]> producer) {}

  static KafkaLink of(Consumer<byte[], byte[]> consumer) {
    return new KafkaLink(consumer, Optional.empty());
  }

  /** Leaves the group, and aborts what is open of a transaction; each waits so long at most. */
  void close(Duration limit) {
    try {
      consumer.close(CloseOptions.timeout(limit));
    } finally {
      transactions.ifPresent(own -> own.producer().close(limit));
    }
  }
}
