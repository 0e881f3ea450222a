package dev.millrace.triggers.kafka;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.KafkaException;

/** Makes the clients of one trigger, each time it needs new ones. */
@FunctionalInterface
interface KafkaLinks {

  /**
   * Makes them. Blocks, for a bounded time, where transactions are initialized.
   *
   * @param protocol {@code CONSUMER} or {@code CLASSIC}
   * @throws KafkaException if a property cannot be, or transactions cannot be initialized now
   */
  KafkaLink open(Membership.Protocol protocol);

  /**
   * Links to a cluster.
   *
   * @param name the trigger's name
   * @param connectionName the connection's name in the manifest
   * @param transactionalId the same for every link of a trigger, so that each ends what the one
   *     before it left open
   * @throws IllegalArgumentException if the manifest sets a property that the trigger sets itself
   */
  static KafkaLinks to(
      String name,
      String connectionName,
      KafkaConnection connection,
      KafkaTriggerOptions options,
      String transactionalId) {
    Map<String, Object> transactional =
        options.exactlyOnce()
            ? KafkaClients.transactional(name, connection, transactionalId)
            : Map.of();
    KafkaClients.consumer(name, connection, options); // refuses at once what cannot be
    return protocol -> {
      KafkaConsumer<byte[], byte[]> consumer =
          KafkaClients.make(
              KafkaClients.consumer(name, connection, options.with(protocol)),
              KafkaConsumer<byte[], byte[]>::new);
      if (transactional.isEmpty()) {
        return KafkaLink.of(consumer);
      }
      try {
        return new KafkaLink(
            consumer,
            Optional.of(new KafkaLink.Transactions(connectionName, initialized(transactional))));
      } catch (RuntimeException e) {
        consumer.close();
        throw e;
      }
    };
  }

  private static KafkaProducer<byte[], byte[]> initialized(Map<String, Object> properties) {
    KafkaProducer<byte[], byte[]> producer =
        KafkaClients.make(properties, KafkaProducer<byte[], byte[]>::new);
    try {
      producer.initTransactions();
      return producer;
    } catch (RuntimeException e) {
      producer.close(Duration.ZERO);
      throw e;
    }
  }
}
