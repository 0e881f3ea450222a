package dev.millrace.triggers.kafka;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Where a partition begins that its group has committed nothing for.
 *
 * <p>{@code latest} means: what is produced from the moment the trigger began to read. The end of a
 * partition is that point only at the first assignment. A partition or a topic that appears later
 * had records before anybody here knew of it; they are found by their timestamps, and not skipped.
 *
 * <p>Lives as long as the trigger. Confined to the poll thread; its questions to the broker block.
 */
final class StartPositions {

  private final KafkaTriggerOptions.Start start;
  private final Duration patience;
  private final Instant began;
  private final Set<String> appearedLater = new HashSet<>();

  /** Where partitions stood that the group had an offset of when they were given up. */
  private final Map<TopicPartition, Long> leftAt = new HashMap<>();

  private boolean assignedBefore;

  StartPositions(KafkaTriggerOptions.Start start, Duration patience, Instant began) {
    this.start = start;
    this.patience = patience;
    this.began = began;
  }

  /** Notes that a topic does not exist while the trigger runs: all of it will be new. */
  void missing(String topic) {
    appearedLater.add(topic);
  }

  /** Notes where a partition stands that is given up, and that the group has an offset of. */
  void left(TopicPartition partition, long next) {
    leftAt.put(partition, next);
  }

  /**
   * Where a partition stood that the group had an offset of. If it has none now, the topic was made
   * anew since, or somebody deleted the offset.
   */
  OptionalLong leftAt(TopicPartition partition) {
    Long next = leftAt.get(partition);
    return next == null ? OptionalLong.empty() : OptionalLong.of(next);
  }

  /** The offsets to begin at. Called once for each assignment. */
  Map<TopicPartition, Long> of(Consumer<?, ?> consumer, Set<TopicPartition> partitions) {
    boolean later = assignedBefore;
    assignedBefore = true;
    if (partitions.isEmpty()) {
      return Map.of();
    }
    if (start == KafkaTriggerOptions.Start.EARLIEST) {
      return consumer.beginningOffsets(partitions, patience);
    }
    Set<TopicPartition> fresh =
        partitions.stream()
            .filter(partition -> appearedLater.contains(partition.topic()))
            .collect(Collectors.toSet());
    Map<TopicPartition, Long> offsets = new HashMap<>(consumer.endOffsets(partitions, patience));
    if (later) {
      offsets.putAll(producedSince(consumer, partitions));
    }
    if (!fresh.isEmpty()) {
      offsets.putAll(consumer.beginningOffsets(fresh, patience));
    }
    return offsets;
  }

  private Map<TopicPartition, Long> producedSince(
      Consumer<?, ?> consumer, Set<TopicPartition> partitions) {
    Map<TopicPartition, Long> times =
        partitions.stream()
            .collect(Collectors.toMap(partition -> partition, p -> began.toEpochMilli()));
    Map<TopicPartition, Long> offsets = new HashMap<>();
    for (Map.Entry<TopicPartition, @Nullable OffsetAndTimestamp> found :
        consumer.offsetsForTimes(times, patience).entrySet()) {
      if (found.getValue() != null) {
        offsets.put(found.getKey(), found.getValue().offset());
      }
    }
    return offsets;
  }
}
