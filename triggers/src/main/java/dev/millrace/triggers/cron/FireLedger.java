package dev.millrace.triggers.cron;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * The durable record of grid times, by trigger. Inserting a grid time elects who fires it; reading
 * the latest one tells what was missed. Safe for any thread.
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

  /** Marks an open grid time as settled. Does not block. */
  CompletionStage<Void> settle(String trigger, Instant gridTime);

  /** The latest grid time recorded. Blocks. */
  Optional<Instant> latest(String trigger);

  /** Grid times claimed and not settled, oldest first. Blocks. */
  List<Instant> open(String trigger);
}
