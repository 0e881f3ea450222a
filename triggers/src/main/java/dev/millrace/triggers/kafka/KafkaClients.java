package dev.millrace.triggers.kafka;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The properties of each kind of client: our defaults, then what the manifest says, then what our
 * guarantees rest on and nobody may change.
 */
final class KafkaClients {

  private KafkaClients() {}

  /**
   * Makes a client. Does not wait for the cluster.
   *
   * @throws KafkaException if a property cannot be used; it shows none of the manifest's values
   */
  static <C> C make(Map<String, Object> properties, Function<Map<String, Object>, C> client) {
    LateMBeans.install();
    try {
      return client.apply(properties);
    } catch (KafkaException e) {
      throw UnusableProperties.explain(e, properties);
    }
  }

  /**
   * Properties of a trigger's consumer.
   *
   * @throws IllegalArgumentException if the manifest sets a property that the trigger sets itself
   */
  static Map<String, Object> consumer(
      String name, KafkaConnection connection, KafkaTriggerOptions options) {
    Map<String, Object> properties = defaults(name, connection);
    properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, "2000");
    properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    boolean classic = options.membership().protocol() == Membership.Protocol.CLASSIC;
    if (classic) {
      properties.put(
          ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
          List.of(CooperativeStickyAssignor.class));
    }
    properties.putAll(OwnedProperties.without(connection.properties()));
    properties.putAll(OwnedProperties.without(options.properties()));
    properties.put(ConsumerConfig.GROUP_ID_CONFIG, options.group());
    properties.put(ConsumerConfig.GROUP_PROTOCOL_CONFIG, classic ? "classic" : "consumer");
    options
        .membership()
        .instance()
        .ifPresent(id -> properties.put(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, id));
    if (options.exactlyOnce()) {
      // Else a record that is not committed, or an offset that is not, could lead to a result.
      properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    }
    // Where to begin is decided here and not by the client, so that nothing is skipped in silence.
    properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    properties.put(
        ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
    properties.put(
        ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
    return properties;
  }

  /**
   * Properties of one member of a trigger's share group.
   *
   * @throws IllegalArgumentException if the manifest sets a property that the trigger sets itself
   */
  static Map<String, Object> share(
      String name, KafkaConnection connection, KafkaQueueOptions options) {
    Map<String, Object> properties = defaults(name, connection);
    properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
    properties.putAll(OwnedProperties.without(connection.properties()));
    properties.putAll(OwnedProperties.without(options.properties()));
    properties.put(ConsumerConfig.GROUP_ID_CONFIG, options.group());
    properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, Integer.toString(options.batch()));
    // Each record is answered for by itself, and no more are borrowed than a batch.
    properties.put(ConsumerConfig.SHARE_ACKNOWLEDGEMENT_MODE_CONFIG, "explicit");
    properties.put(ConsumerConfig.SHARE_ACQUIRE_MODE_CONFIG, "record_limit");
    properties.put(
        ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
    properties.put(
        ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
    return properties;
  }

  /**
   * Properties of a producer.
   *
   * @throws IllegalArgumentException if the manifest sets a property that the producer's promises
   *     rest on
   */
  static Map<String, Object> producer(String name, KafkaConnection connection) {
    Map<String, Object> properties = defaults(name, connection);
    properties.put(ProducerConfig.LINGER_MS_CONFIG, "2");
    // With several requests in flight, the first of a new topic may be refused while the second is
    // taken; the broker then refuses the first as out of order until the delivery times out.
    properties.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, "1");
    properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, "16777216");
    properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, "30000");
    properties.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, "10000");
    properties.putAll(OwnedProperties.without(connection.properties()));
    // The publisher waits for metadata and room itself, without a thread that stands still.
    properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, "0");
    properties.put(ProducerConfig.ACKS_CONFIG, "all");
    properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "true");
    properties.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class.getName());
    properties.put(
        ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class.getName());
    return properties;
  }

  /**
   * Properties of a producer whose transactions carry a trigger's results and offsets. Unlike a
   * publisher's, it may block, for {@code max.block.ms}.
   *
   * @param id the transactional id; a later producer of this id ends what this one left open
   * @throws IllegalArgumentException if the manifest sets a property that the producer sets itself
   */
  static Map<String, Object> transactional(String name, KafkaConnection connection, String id) {
    Map<String, Object> properties = producer(name, connection);
    // A worker that is gone holds up readers, and the next owner of its partitions, for this long.
    properties.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, "30000");
    properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, "20000");
    properties.putAll(connection.properties());
    properties.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, id);
    properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, "10000");
    return properties;
  }

  /** Properties of an admin client. */
  static Map<String, Object> admin(String name, KafkaConnection connection) {
    Map<String, Object> properties = defaults(name, connection);
    properties.putAll(connection.properties());
    return properties;
  }

  private static Map<String, Object> defaults(String name, KafkaConnection connection) {
    Map<String, Object> properties = new HashMap<>();
    properties.put("bootstrap.servers", connection.bootstrap());
    properties.put("client.id", "millrace-" + name);
    // Several clients of one id in one JVM are fine, their JMX beans are not.
    properties.put("metric.reporters", "");
    // What a client would have ready, should a broker ask for it, costs each start milliseconds of
    // patterns; a worker's metrics are its own.
    properties.put("enable.metrics.push", "false");
    return properties;
  }
}
