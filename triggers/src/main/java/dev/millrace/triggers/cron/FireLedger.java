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

  /** Marks an open grid time as settled; does nothing if it is already. Does not block. */
  CompletionStage<Void> settle(String trigger, Instant gridTime);

  /** The latest grid time recorded, by whichever replica. Blocks. */
  Optional<Instant> latest(String trigger);

  /** Grid times claimed by whichever replica and not settled, oldest first. Blocks. */
  List<Instant> open(String trigger);

  /**
   * The open grid times that this worker has to see to, oldest first: those that it claimed itself,
   * in this run or in an earlier one, and those of workers that are gone, which become its own by
   * this call. Blocks.
   *
   * <p>Where one worker has the ledger to itself these are all open ones, which is the default.
   */
  default List<Instant> takeOver(String trigger) {
    return open(trigger);
  }
}
