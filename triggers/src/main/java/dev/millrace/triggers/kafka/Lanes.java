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
      this.hash = spread(31 * partition.hashCode() + Arrays.hashCode(key));
    }

    /**
     * Keys are often counted up, and the hash of an array then differs in a few bits only: those
     * who look lanes up would walk through long chains of others.
     *
     * @see <a href="https://github.com/aappleby/smhasher/wiki/MurmurHash3">MurmurHash3</a>, whose
     *     last steps these are
     */
    private static int spread(int hash) {
      int spread = (hash ^ (hash >>> 16)) * 0x85EBCA6B;
      spread = (spread ^ (spread >>> 13)) * 0xC2B2AE35;
      return spread ^ (spread >>> 16);
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
