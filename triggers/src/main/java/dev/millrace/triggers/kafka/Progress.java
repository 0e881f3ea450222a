package dev.millrace.triggers.kafka;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * What one commit says of one partition.
 *
 * @param partition the partition
 * @param revision the state of its tracker that is committed
 * @param position the same as Kafka keeps it
 */
record Progress(AssignedPartition partition, long revision, OffsetAndMetadata position) {

  /**
   * Those of these partitions that have something to commit which is not committed yet.
   *
   * @param withFinished whether to say which records above the offset are finished
   */
  static List<Progress> of(List<AssignedPartition> partitions, boolean withFinished) {
    List<Progress> news = new ArrayList<>();
    for (AssignedPartition partition : partitions) {
      if (partition.hasNews()) {
        news.add(
            new Progress(
                partition, partition.tracker().revision(), partition.position(withFinished)));
      }
    }
    return news;
  }

  static Map<TopicPartition, OffsetAndMetadata> positions(List<Progress> news) {
    Map<TopicPartition, OffsetAndMetadata> positions = new HashMap<>();
    news.forEach(progress -> positions.put(progress.partition().id(), progress.position()));
    return positions;
  }

  /** Notes that the commit is confirmed. */
  void confirmed() {
    partition.committed(revision);
  }
}
