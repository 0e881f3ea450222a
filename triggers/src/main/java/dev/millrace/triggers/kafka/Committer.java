package dev.millrace.triggers.kafka;

import dev.millrace.abi.Event;
import java.util.List;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/**
 * Tells the broker what is finished: as offsets, or as a transaction of results and offsets.
 *
 * <p>Confined to the poll thread.
 */
interface Committer {

  /** Makes the delivery of a received record. */
  default Delivery delivery(
      AssignedPartition partition,
      long offset,
      Event event,
      @Nullable Object lane,
      Mailbox mailbox) {
    return new Delivery(partition, offset, event, lane, mailbox);
  }

  /** How many events of one partition the worker may hold at once. */
  default int mostInFlight() {
    return Integer.MAX_VALUE;
  }

  /** An event is settled, and its partition knows. */
  default void settled(Delivery delivery) {}

  /**
   * Commits if it is time to and there is something to commit.
   *
   * @throws KafkaException if it cannot go on: a {@link
   *     org.apache.kafka.common.errors.RetriableException} when the same consumer may, after a
   *     while
   */
  void commitIfDue();

  /**
   * Commits the news of these partitions, which are about to go, and waits for it, for a bounded
   * time. Never throws: what is not committed runs again.
   */
  void commitNow(List<AssignedPartition> partitions);

  /** Partitions went to another member without warning. */
  default void lost() {}

  /**
   * Whether what was finished since the last commit is void, so that every partition must begin
   * again at what is committed. Stays true until {@link #rewound}.
   */
  default boolean mustRewind() {
    return false;
  }

  /** Every partition begins at what is committed. */
  default void rewound() {}
}
