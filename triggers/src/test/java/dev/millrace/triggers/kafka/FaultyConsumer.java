package dev.millrace.triggers.kafka;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetCommitCallback;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Kafka's own mock, with commits that fail or stay unanswered when the test says so, and a record
 * of what was committed and paused.
 */
final class FaultyConsumer extends MockConsumer<byte[], byte[]> {

  private final Map<TopicPartition, OffsetAndMetadata> before = new HashMap<>();
  final List<Map<TopicPartition, OffsetAndMetadata>> commits = new ArrayList<>();
  final List<Collection<TopicPartition>> pauses = new ArrayList<>();
  @Nullable RuntimeException commitFailure;
  boolean answersAsync = true;

  /** Where the last seek went; -1 when the test has seen it. */
  long sought = -1;

  /** How long the last poll was to last. */
  Duration polled = Duration.ZERO;

  private @Nullable Runnable unanswered;

  FaultyConsumer() {
    super("none");
  }

  /** The commits a group made before. */
  void committedBefore(TopicPartition partition, OffsetAndMetadata position) {
    before.put(partition, position);
  }

  @Override
  public synchronized Map<TopicPartition, OffsetAndMetadata> committed(
      Set<TopicPartition> partitions, Duration timeout) {
    Map<TopicPartition, OffsetAndMetadata> answer = new HashMap<>();
    for (TopicPartition partition : partitions) {
      OffsetAndMetadata last = lastCommit(partition);
      answer.put(partition, last == null ? before.get(partition) : last);
    }
    return answer;
  }

  @Nullable OffsetAndMetadata lastCommit(TopicPartition partition) {
    for (int i = commits.size() - 1; i >= 0; i--) {
      if (commits.get(i).containsKey(partition)) {
        return commits.get(i).get(partition);
      }
    }
    return null;
  }

  @Override
  public synchronized void commitAsync(
      Map<TopicPartition, OffsetAndMetadata> offsets, OffsetCommitCallback callback) {
    RuntimeException failure = commitFailure;
    Runnable answer =
        () -> {
          if (failure == null) {
            commits.add(Map.copyOf(offsets));
          }
          callback.onComplete(offsets, failure);
        };
    if (answersAsync) {
      answer.run();
    } else {
      unanswered = answer;
    }
  }

  /** Answers the commit that was left unanswered. */
  void answer() {
    Runnable answer = unanswered;
    unanswered = null;
    if (answer != null) {
      answer.run();
    }
  }

  @Override
  public void commitSync(Map<TopicPartition, OffsetAndMetadata> offsets, Duration timeout) {
    if (commitFailure != null) {
      throw commitFailure;
    }
    commits.add(Map.copyOf(offsets));
  }

  @Override
  public synchronized ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
    polled = timeout;
    return super.poll(timeout);
  }

  @Override
  public synchronized void seek(TopicPartition partition, long offset) {
    sought = offset;
    super.seek(partition, offset);
  }

  @Override
  public synchronized void pause(Collection<TopicPartition> partitions) {
    pauses.add(List.copyOf(partitions));
    super.pause(partitions);
  }
}
