package dev.millrace.triggers.kafka;

import dev.millrace.triggers.TriggerContext;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.clients.consumer.LogTruncationException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The partitions a consumer has now, and where each of them begins.
 *
 * <p>Confined to the poll thread; its questions to the broker block, each for a bounded time.
 */
final class Assignment {

  private static final Logger LOG = LoggerFactory.getLogger(Assignment.class);

  private final TriggerContext context;
  private final Consumer<byte[], byte[]> consumer;
  private final StartPositions starts;
  private final Duration patience;
  private final Map<TopicPartition, AssignedPartition> partitions = new LinkedHashMap<>();

  Assignment(
      TriggerContext context,
      Consumer<byte[], byte[]> consumer,
      StartPositions starts,
      Duration patience) {
    this.context = context;
    this.consumer = consumer;
    this.starts = starts;
    this.patience = patience;
  }

  Set<TopicPartition> ids() {
    return partitions.keySet();
  }

  List<AssignedPartition> all() {
    return List.copyOf(partitions.values());
  }

  /** The partition of this id, which must be assigned. */
  AssignedPartition get(TopicPartition id) {
    return Objects.requireNonNull(partitions.get(id), () -> id + " is not assigned");
  }

  /** Those of these partitions that are assigned. */
  List<AssignedPartition> find(Collection<TopicPartition> ids) {
    return ids.stream().map(partitions::get).filter(Objects::nonNull).toList();
  }

  /**
   * Takes over partitions: reads what the group committed and finished of them, and begins there.
   */
  void add(Collection<TopicPartition> ids) {
    Set<TopicPartition> added = new HashSet<>(ids);
    Map<TopicPartition, OffsetAndMetadata> committed = new HashMap<>();
    consumer
        .committed(added, patience)
        .forEach(
            (id, position) -> {
              if (position != null) {
                committed.put(id, position);
              }
            });
    added.removeAll(committed.keySet());
    Map<TopicPartition, Long> fresh = starts.of(consumer, added);
    committed.forEach((id, position) -> begin(restored(id, position)));
    fresh.forEach(
        (id, offset) -> {
          forgotten(id, offset);
          AssignedPartition partition = new AssignedPartition(id, offset, List.of());
          // Else a restart before the first commit would begin elsewhere.
          partition.demandCommit();
          begin(partition);
        });
  }

  /** Gives partitions up; settlements that still come for them change nothing. */
  void remove(Collection<TopicPartition> ids) {
    for (TopicPartition id : ids) {
      AssignedPartition removed = partitions.remove(id);
      if (removed != null) {
        removed.giveUp();
        if (removed.isEverCommitted()) {
          starts.left(id, removed.tracker().next());
        }
      }
    }
  }

  void giveUpAll() {
    remove(List.copyOf(partitions.keySet()));
  }

  /**
   * Goes on where a log still has records, after it lost those that were to be read next, and
   * raises the alarm. Below the log's beginning it goes on at the beginning; above its end, where
   * the broker can tell how far the logs agree, and else where the trigger's {@code start} says.
   */
  void repair(InvalidOffsetException trouble) {
    Map<TopicPartition, Long> wanted =
        trouble instanceof OffsetOutOfRangeException range
            ? range.offsetOutOfRangePartitions()
            : Map.of();
    Map<TopicPartition, OffsetAndMetadata> agreed =
        trouble instanceof LogTruncationException truncation
            ? truncation.divergentOffsets()
            : Map.of();
    Map<TopicPartition, Long> beginnings =
        consumer.beginningOffsets(trouble.partitions(), patience);
    Map<TopicPartition, Long> declared = starts.of(consumer, trouble.partitions());
    for (TopicPartition id : trouble.partitions()) {
      long beginning = Objects.requireNonNull(beginnings.get(id));
      @Nullable Long offset = wanted.get(id);
      long next;
      if (offset != null && offset < beginning) {
        next = beginning;
      } else if (agreed.containsKey(id)) {
        next = agreed.get(id).offset();
      } else {
        next = Objects.requireNonNull(declared.get(id));
      }
      replace(id, next);
      loss(id, offset, beginning, next);
    }
  }

  /**
   * Begins every partition anew at what the group committed of it, or where it began if that is
   * nothing yet.
   */
  void rewind() {
    List<AssignedPartition> all = all();
    Map<TopicPartition, OffsetAndMetadata> committed = consumer.committed(ids(), patience);
    for (AssignedPartition partition : all) {
      OffsetAndMetadata position = committed.get(partition.id());
      if (position != null) {
        begin(restored(partition.id(), position));
      } else {
        replace(partition.id(), partition.start());
      }
    }
  }

  /** Begins anew at a lower offset than before: the log is another one than it was. */
  AssignedPartition rewound(TopicPartition id, long offset) {
    long before = get(id).tracker().next();
    AssignedPartition partition = new AssignedPartition(id, offset, List.of());
    get(id).giveUp();
    partitions.put(id, partition);
    report(
        "kafka:%s/%d went back from offset %d to %d; its records are read again from there"
            .formatted(id.topic(), id.partition(), before, offset));
    return partition;
  }

  private AssignedPartition restored(TopicPartition id, OffsetAndMetadata committed) {
    String text = committed.metadata();
    if (text.isEmpty()) {
      return new AssignedPartition(id, committed.offset(), List.of()).withCommit();
    }
    List<OffsetRange> finished =
        CommitMetadata.decode(committed.offset(), text).orElseGet(List::of);
    LOG.atInfo()
        .addKeyValue("trigger", context.name())
        .addKeyValue("partition", id)
        .addKeyValue("offset", committed.offset())
        .addKeyValue("finished", finished.stream().mapToLong(OffsetRange::length).sum())
        .log(
            finished.isEmpty()
                ? "the committed offset carries no list of finished records that can be read;"
                    + " some may run again"
                : "records finished before are skipped");
    return new AssignedPartition(id, committed.offset(), finished).withCommit();
  }

  /** The group had an offset of this partition, and has none any more. */
  private void forgotten(TopicPartition id, long next) {
    OptionalLong before = starts.leftAt(id);
    if (before.isPresent()) {
      report(
          "kafka:%s/%d was read up to offset %d, of which the group knows nothing any more: the topic was made anew, or its offsets were deleted; going on at %d"
              .formatted(id.topic(), id.partition(), before.getAsLong(), next));
    }
  }

  private void begin(AssignedPartition partition) {
    AssignedPartition before = partitions.put(partition.id(), partition);
    if (before != null) {
      before.giveUp();
    }
    consumer.seek(partition.id(), partition.tracker().next());
  }

  private void replace(TopicPartition id, long offset) {
    AssignedPartition partition = new AssignedPartition(id, offset, List.of());
    partition.demandCommit();
    begin(partition);
  }

  private void loss(TopicPartition id, @Nullable Long wanted, long beginning, long next) {
    report(
        "kafka:%s/%d has no offset %s (it begins at %d): going on at %d; what was between is gone"
            .formatted(
                id.topic(),
                id.partition(),
                wanted == null ? "committed" : wanted,
                beginning,
                next));
  }

  private void report(String loss) {
    LOG.atError().addKeyValue("trigger", context.name()).log(loss);
    context.signals().dataLoss(loss);
  }
}
