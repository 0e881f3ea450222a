package dev.millrace.triggers.kafka;

import java.util.List;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.RetriableCommitFailedException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.OffsetMetadataTooLarge;
import org.apache.kafka.common.errors.RetriableException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commits what is finished: from time to time without waiting, and at once when a partition goes.
 * Only partitions with news are committed, and only one commit is under way at a time.
 *
 * <p>A commit that fails loses nothing: its news stay news, and the next one carries them.
 *
 * <p>Confined to the poll thread; so are the callbacks, which the client calls within poll.
 */
final class OffsetCommitter implements Committer {

  private static final Logger LOG = LoggerFactory.getLogger(OffsetCommitter.class);

  private final String trigger;
  private final Consumer<?, ?> consumer;
  private final Assignment assignment;
  private final KafkaTiming timing;
  private final LongSupplier nanoTime;
  private boolean underWay;
  private boolean withFinished = true;
  private long lastCommit;

  OffsetCommitter(
      String trigger,
      Consumer<?, ?> consumer,
      Assignment assignment,
      KafkaTiming timing,
      LongSupplier nanoTime) {
    this.trigger = trigger;
    this.consumer = consumer;
    this.assignment = assignment;
    this.timing = timing;
    this.nanoTime = nanoTime;
    this.lastCommit = nanoTime.getAsLong();
  }

  /** Sends a commit if one is due and there is something to commit. Does not block. */
  @Override
  public void commitIfDue() {
    long now = nanoTime.getAsLong();
    if (underWay || now - lastCommit < timing.commit().toNanos()) {
      return;
    }
    List<Progress> news = Progress.of(assignment.all(), withFinished);
    if (news.isEmpty()) {
      return;
    }
    lastCommit = now;
    underWay = true;
    consumer.commitAsync(
        Progress.positions(news),
        (positions, failure) -> {
          underWay = false;
          if (failure == null) {
            news.forEach(Progress::confirmed);
          } else {
            failed(failure);
          }
        });
  }

  @Override
  public void commitNow(List<AssignedPartition> partitions) {
    List<Progress> news = Progress.of(partitions, withFinished);
    if (news.isEmpty()) {
      return;
    }
    try {
      consumer.commitSync(Progress.positions(news), timing.drain());
      news.forEach(Progress::confirmed);
    } catch (OffsetMetadataTooLarge e) {
      failed(e);
      commitNow(partitions);
    } catch (KafkaException e) {
      LOG.atWarn()
          .addKeyValue("trigger", trigger)
          .addKeyValue("partitions", partitions)
          .addKeyValue("reason", e.toString())
          .log("the last commit of these partitions failed; their latest events may run again");
    }
  }

  private void failed(Exception failure) {
    if (isTooLarge(failure)) {
      withFinished = false;
      LOG.atWarn()
          .addKeyValue("trigger", trigger)
          .log(
              "the broker refuses to keep which records are finished, beside the committed offset"
                  + " (offset.metadata.max.bytes); after a restart records finished out of order"
                  + " run again");
    } else if (failure instanceof RetriableCommitFailedException
        || failure instanceof RetriableException) {
      LOG.atDebug()
          .addKeyValue("trigger", trigger)
          .addKeyValue("reason", failure.toString())
          .log("a commit did not come through; the next one carries it");
    } else {
      LOG.atWarn()
          .addKeyValue("trigger", trigger)
          .addKeyValue("reason", failure.toString())
          .log("a commit was refused; the next one carries it");
    }
  }

  private static boolean isTooLarge(@Nullable Throwable failure) {
    return failure instanceof OffsetMetadataTooLarge
        || (failure != null && failure.getCause() instanceof OffsetMetadataTooLarge);
  }
}
