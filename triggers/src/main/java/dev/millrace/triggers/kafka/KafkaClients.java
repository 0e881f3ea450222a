package dev.millrace.triggers.kafka;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The properties of each kind of client: our defaults, then what the manifest says, then what our
 * guarantees rest on and nobody may change.
 */
final class KafkaClients {

  private static final Set<String> CONSUMER_FIXED =
      Set.of(
          ConsumerConfig.GROUP_ID_CONFIG,
          ConsumerConfig.GROUP_PROTOCOL_CONFIG,
          ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
          ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
          ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG,
          ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG);

  private static final Set<String> PRODUCER_FIXED =
      Set.of(
          ProducerConfig.ACKS_CONFIG,
          ProducerConfig.MAX_BLOCK_MS_CONFIG,
          ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
          ProducerConfig.TRANSACTIONAL_ID_CONFIG,
          ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG,
          ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG);

  private KafkaClients() {}

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
    boolean classic = options.protocol() == KafkaTriggerOptions.Protocol.CLASSIC;
    if (classic) {
      properties.put(
          ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
          List.of(CooperativeStickyAssignor.class));
    }
    properties.putAll(allowed(connection.properties(), CONSUMER_FIXED));
    properties.putAll(allowed(options.properties(), CONSUMER_FIXED));
    properties.put(ConsumerConfig.GROUP_ID_CONFIG, options.group());
    properties.put(
        ConsumerConfig.GROUP_PROTOCOL_CONFIG, options.protocol().name().toLowerCase(Locale.ROOT));
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
    properties.putAll(allowed(connection.properties(), PRODUCER_FIXED));
    // The publisher waits for metadata and room itself, without a thread that stands still.
    properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, "0");
    properties.put(ProducerConfig.ACKS_CONFIG, "all");
    properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "true");
    properties.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class.getName());
    properties.put(
        ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class.getName());
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
    return properties;
  }

  private static Map<String, String> allowed(Map<String, String> given, Set<String> fixed) {
    for (String name : given.keySet()) {
      if (fixed.contains(name)) {
        throw new IllegalArgumentException(
            "Kafka property '" + name + "' is set by Millrace itself; remove it");
      }
    }
    return given;
  }
}
