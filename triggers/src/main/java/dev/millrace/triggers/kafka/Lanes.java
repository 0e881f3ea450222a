package dev.millrace.triggers.kafka;

import dev.millrace.triggers.LaneName;
import dev.millrace.triggers.Order;
import java.util.Arrays;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** Which lane a record keeps its order in. */
final class Lanes {

  private Lanes() {}

  /**
   * The lane of a record: its partition and key, its partition, or none. A record without a key has
   * no lane under {@link Order#KEY}.
   */
  static @Nullable Object of(
      Order order, TopicPartition partition, ConsumerRecord<byte[], byte[]> record) {
    return switch (order) {
      case KEY -> record.key() == null ? null : new KeyLane(partition, record.key());
      case PARTITION -> partition;
      case NONE -> null;
    };
  }

  /** Equal for equal bytes in the same partition. The bytes are the record's own, not copied. */
  private static final class KeyLane {
    private final TopicPartition partition;
    private final byte[] key;
    private final int hash;

    KeyLane(TopicPartition partition, byte[] key) {
      this.partition = partition;
      this.key = key;
      this.hash = 31 * partition.hashCode() + Arrays.hashCode(key);
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof KeyLane lane
          && hash == lane.hash
          && partition.equals(lane.partition)
          && Arrays.equals(key, lane.key);
    }

    @Override
    public int hashCode() {
      return hash;
    }

    /** Names the key in its topic, whatever partition it is in once there are more of them. */
    @Override
    public String toString() {
      return LaneName.of(partition.topic(), key);
    }
  }
}
