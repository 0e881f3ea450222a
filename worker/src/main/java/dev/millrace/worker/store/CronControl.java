package dev.millrace.worker.store;

import dev.millrace.triggers.cron.Fire;
import dev.millrace.triggers.cron.FireLedger;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * What a person does with cron triggers, through the store: whichever worker runs them sees it
 * within a second or two, or when it starts. Times are kept to the microsecond.
 */
public interface CronControl {

  /**
   * How a trigger stands.
   *
   * @param pausedSince since when it is paused; empty if it is not
   * @param latest the latest grid time of the schedule that is recorded
   * @param latestState what became of that
   * @param open fires that are open
   * @param requested fires that are asked for and not yet taken
   */
  record Standing(
      Optional<Instant> pausedSince,
      Optional<Instant> latest,
      Optional<FireLedger.State> latestState,
      long open,
      long requested) {

    /** Of a trigger that the store does not know. */
    public static final Standing UNKNOWN =
        new Standing(Optional.empty(), Optional.empty(), Optional.empty(), 0, 0);
  }

  /** How each trigger stands that the store knows. Blocks. */
  Map<String, Standing> standings();

  /** What is recorded of a trigger's times from one to another, both included. Blocks. */
  Map<Instant, FireLedger.State> recorded(String trigger, Instant from, Instant to);

  /** Pauses a trigger; completes with whether it was not paused before. Does not block. */
  CompletionStage<Boolean> pause(String trigger, Instant at);

  /** Lets a paused trigger go on; completes with whether it was paused. Does not block. */
  CompletionStage<Boolean> resume(String trigger);

  /**
   * Asks for fires. A time that has fired, or is about to, is left alone, unless it is to fire
   * again; one that was skipped fires. Completes with how many will fire. Does not block.
   *
   * @param again also those that have fired; not those that are open
   */
  CompletionStage<Integer> request(String trigger, Collection<Fire> fires, boolean again);
}
