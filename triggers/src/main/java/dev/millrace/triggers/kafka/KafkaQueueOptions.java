package dev.millrace.triggers.kafka;

import java.util.List;
import java.util.Map;

/**
 * What a trigger reads as a queue, from a share group (KIP-932).
 *
 * @param topics topic names
 * @param group the share group; no consumer group may have the same name
 * @param start where the group begins that has read nothing
 * @param members how many consumers this worker has in the group, each with a thread, at least 1
 * @param batch how many records one of them takes at once, at least 1
 * @param properties any further consumer property
 */
public record KafkaQueueOptions(
    List<String> topics,
    String group,
    KafkaTriggerOptions.Start start,
    int members,
    int batch,
    Map<String, String> properties) {

  public KafkaQueueOptions {
    topics = List.copyOf(topics);
    properties = Map.copyOf(properties);
    if (topics.isEmpty() || members < 1 || batch < 1) {
      throw new IllegalArgumentException("a queue needs topics, a member and a batch of 1");
    }
  }

  /** With the names of the properties only: a value may be a password. */
  @Override
  public String toString() {
    return "KafkaQueueOptions[topics=%s, group=%s, start=%s, members=%d, batch=%d, properties=%s]"
        .formatted(topics, group, start, members, batch, properties.keySet());
  }
}
