package dev.millrace.triggers.cron;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * The durable record of grid times, by trigger. Inserting a grid time elects who fires it; reading
 * the latest one tells what was missed. Safe for any thread.
 *
 * <p>The ledger guarantees: of all claims of one grid time, by whichever replica, exactly one
 * returns true; claims made one after another become durable in that order. An unreachable ledger
 * is reported by a stage that completes exceptionally, or by an unchecked exception where a method
 * blocks; the trigger then holds and tries again.
 */
public interface FireLedger {

  /** What became of a grid time. */
  enum State {
    /** A person wants it to fire, and no worker has taken it yet. */
    REQUESTED,
    /** Claimed, not yet settled; fires again after a crash. */
    OPEN,
    /** Settled. */
    SETTLED,
    /** Passed over by {@code missed} or {@code overlap}. */
    SKIPPED
  }

  /**
   * Records a grid time, if nobody has yet. Completes once that is durable. Does not block.
   *
   * @return whether this call recorded it
   */
  CompletionStage<Boolean> claim(String trigger, Instant gridTime, State state);

  /**
   * Whether one worker has the ledger to itself. What is open is then what it claimed or took, and
   * it need not ask before each fire.
   */
  default boolean exclusive() {
    return false;
  }

  /** Marks an open grid time as settled; does nothing if it is already. Does not block. */
  CompletionStage<Void> settle(String trigger, Instant gridTime);

  /** The latest grid time that the schedule recorded, by whichever replica. Blocks. */
  Optional<Instant> latest(String trigger);

  /** Fires claimed or taken by whichever replica and not settled, in their order. Blocks. */
  List<Fire> open(String trigger);

  /**
   * The open fires that this worker has to see to, oldest first: those that it claimed itself, in
   * this run or in an earlier one, and those of workers that are gone, which become its own by this
   * call. Blocks.
   *
   * <p>Where one worker has the ledger to itself these are all open ones, which is the default.
   */
  default List<Fire> takeOver(String trigger) {
    return open(trigger);
  }

  /**
   * Takes fires that a person asked for, which are open and this worker's by this call: those by
   * hand first, then in their order. Of several replicas each gets others. Blocks.
   */
  default List<Fire> takeRequests(String trigger, int limit) {
    return List.of();
  }

  /** Whether a person paused the trigger, with all its replicas. Blocks. */
  default boolean paused(String trigger) {
    return false;
  }

  /**
   * Has somebody told within a few seconds that a person asked for fires, paused or resumed the
   * trigger, or that there are open fires of workers that are gone. Does not block.
   *
   * @param changed called on a thread of the ledger's, perhaps for nothing; only hands over
   */
  default Watch watch(String trigger, Runnable changed) {
    return () -> {};
  }

  /** What ends when it is closed. */
  @FunctionalInterface
  interface Watch extends AutoCloseable {
    @Override
    void close();
  }
}
