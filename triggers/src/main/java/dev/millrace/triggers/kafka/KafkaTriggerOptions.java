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
 * @param membership the consumer group, and what the trigger is in it
 * @param start where a group without committed offsets begins
 * @param order which records keep their order
 * @param exactlyOnce whether results and offsets go out in one transaction
 * @param properties any further consumer property
 */
public record KafkaTriggerOptions(
    List<String> topics,
    Optional<String> pattern,
    Membership membership,
    Start start,
    Order order,
    boolean exactlyOnce,
    Map<String, String> properties) {

  /** Where a group without committed offsets begins. */
  public enum Start {
    EARLIEST,
    LATEST
  }

  public KafkaTriggerOptions {
    topics = List.copyOf(topics);
    properties = Map.copyOf(properties);
    if (topics.isEmpty() == pattern.isEmpty()) {
      throw new IllegalArgumentException("a Kafka trigger needs either topics or a pattern");
    }
  }

  /** The consumer group. */
  public String group() {
    return membership.group();
  }

  /** The same options under another group protocol. */
  KafkaTriggerOptions with(Membership.Protocol protocol) {
    return new KafkaTriggerOptions(
        topics, pattern, membership.with(protocol), start, order, exactlyOnce, properties);
  }

  /** With the names of the properties only: a value may be a password. */
  @Override
  public String toString() {
    return "KafkaTriggerOptions[topics=%s, pattern=%s, %s, start=%s, order=%s, exactlyOnce=%s, properties=%s]"
        .formatted(topics, pattern, membership, start, order, exactlyOnce, properties.keySet());
  }
}
