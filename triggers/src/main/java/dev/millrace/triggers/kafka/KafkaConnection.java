package dev.millrace.triggers.kafka;

import java.util.Map;

/**
 * How to reach a Kafka cluster.
 *
 * @param bootstrap {@code host:port}, several separated by commas
 * @param properties any further client property, handed through to consumers, producers and admin
 *     clients
 */
public record KafkaConnection(String bootstrap, Map<String, String> properties) {

  public KafkaConnection {
    properties = Map.copyOf(properties);
  }

  /** With the names of the properties only: a value may be a password. */
  @Override
  public String toString() {
    return "KafkaConnection[bootstrap=" + bootstrap + ", properties=" + properties.keySet() + "]";
  }
}
