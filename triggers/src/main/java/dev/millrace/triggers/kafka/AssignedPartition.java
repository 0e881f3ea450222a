package dev.millrace.triggers.kafka;

import java.util.List;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * One partition from its assignment to its revocation. A new assignment of the same partition is a
 * new object. Confined to the poll thread.
 */
final class AssignedPartition {

  private final TopicPartition id;
  private final OffsetTracker tracker;
  private final long start;
  private int inFlight;
  private long committedRevision;
  private boolean everCommitted;
  private boolean givenUp;

  AssignedPartition(TopicPartition id, long start, List<OffsetRange> finished) {
    this.id = id;
    this.start = start;
    this.tracker = new OffsetTracker(start, finished);
  }

  TopicPartition id() {
    return id;
  }

  /** The offset it began at. */
  long start() {
    return start;
  }

  OffsetTracker tracker() {
    return tracker;
  }

  /** How many of its events the worker holds. */
  int inFlight() {
    return inFlight;
  }

  /** An event of it was offered and taken. */
  void offered() {
    inFlight++;
  }

  /** An event of it is settled. */
  void settled(Delivery delivery) {
    inFlight--;
    if (delivery.isAcknowledged()) {
      tracker.finish(delivery.offset);
    }
  }

  /** It belongs to another member from now on: nothing of it is offered or committed any more. */
  void giveUp() {
    givenUp = true;
  }

  boolean isGivenUp() {
    return givenUp;
  }

  /** Whether there is something to commit that is not committed yet. */
  boolean hasNews() {
    return tracker.revision() != committedRevision;
  }

  /** Asks for a commit of where it stands even if nothing changes. */
  void demandCommit() {
    committedRevision = -1;
  }

  /** Notes that a commit of the state with this revision is confirmed. */
  void committed(long revision) {
    committedRevision = revision;
    everCommitted = true;
  }

  /** Whether the group has an offset of it, from this assignment or an earlier one. */
  boolean isEverCommitted() {
    return everCommitted;
  }

  /** Notes that the group had an offset of it before this assignment. */
  AssignedPartition withCommit() {
    everCommitted = true;
    return this;
  }

  /** What to commit now. */
  OffsetAndMetadata position(boolean withFinished) {
    long offset = tracker.lowestOpen();
    String metadata =
        withFinished
            ? CommitMetadata.encode(offset, tracker.finishedAbove(CommitMetadata.MAX_RANGES))
            : "";
    return new OffsetAndMetadata(offset, metadata);
  }

  @Override
  public String toString() {
    return id.toString();
  }
}
