package dev.millrace.triggers.kafka;

import dev.millrace.triggers.Order;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a Kafka trigger reads.
 *
 * @param topics topic names; empty if {@code pattern} is set
 * @param pattern a regular expression for topic names
 * @param group the consumer group
 * @param start where a group without committed offsets begins
 * @param order which records keep their order
 * @param protocol the group protocol, {@code consumer} (KIP-848) or {@code classic} for brokers
 *     before 4.0
 * @param properties any further consumer property
 */
public record KafkaTriggerOptions(
    List<String> topics,
    Optional<String> pattern,
    String group,
    Start start,
    Order order,
    Protocol protocol,
    Map<String, String> properties) {

  /** Where a group without committed offsets begins. */
  public enum Start {
    EARLIEST,
    LATEST
  }

  /** The group protocol. */
  public enum Protocol {
    CONSUMER,
    CLASSIC
  }

  public KafkaTriggerOptions {
    topics = List.copyOf(topics);
    properties = Map.copyOf(properties);
    if (topics.isEmpty() == pattern.isEmpty()) {
      throw new IllegalArgumentException("a Kafka trigger needs either topics or a pattern");
    }
  }
}
