package dev.millrace.worker.store;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.triggers.Attempt;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Failed events that wait for their next attempt in the store instead of in memory. Their source
 * has been told that it may forget them: the store is the only place where they are.
 *
 * <p>How it is used: {@link #park} and, when the stage has completed, settle the event as parked.
 * At {@link #nextDue}, {@link #takeDue} hands out what is due, each retry once. After the attempt,
 * either {@link #remove} it, or park it again under the same id. What was taken and neither removed
 * nor parked again is handed out again by the next opening of the store, so a crash loses none.
 */
public interface ParkedRetries {

  /**
   * A waiting retry. Times are kept to the microsecond.
   *
   * @param id unique for the event, the same each time it is parked: {@code trigger/receipt}
   * @param event the event
   * @param trigger the trigger that received it
   * @param function the function to try again
   * @param failedAttempts how many attempts failed so far
   * @param receivedAt when the worker first received the event
   * @param dueAt when the next attempt is due
   * @param attempts the failed attempts, oldest first; of many, the first and the latest
   */
  record Parked(
      String id,
      DetachedEvent event,
      String trigger,
      String function,
      int failedAttempts,
      Instant receivedAt,
      Instant dueAt,
      List<Attempt> attempts) {

    public Parked {
      attempts = List.copyOf(attempts);
    }
  }

  /** Keeps a retry, in place of one with the same id. Does not block. */
  default CompletionStage<Void> park(Parked retry) {
    return park(retry, Long.MAX_VALUE).thenAccept(kept -> {});
  }

  /**
   * Keeps a retry, in place of one with the same id, if it is one that was handed out, or if fewer
   * than {@code most} of its trigger are kept, as {@link #count} knows. Completes with whether it
   * is kept. Does not block.
   */
  CompletionStage<Boolean> park(Parked retry, long most);

  /**
   * How many of a trigger are kept, those handed out included: as many as {@link #recount} found,
   * and what this worker has parked and removed since. Does not block.
   */
  long count(String trigger);

  /** Counts again what all workers on the store have parked. Blocks. */
  void recount();

  /** Forgets a retry. Completes with whether there was one. Does not block. */
  CompletionStage<Boolean> remove(String id);

  /**
   * Hands out at most {@code limit} retries that are due, the longest due first, each only once
   * until it is parked again or given back. Blocks.
   */
  List<Parked> takeDue(Instant now, int limit);

  /** Makes a taken retry available again, unchanged: it could not be tried now. Does not block. */
  void giveBack(String id);

  /** When the next retry is due that was not handed out; empty if there is none. Blocks. */
  Optional<Instant> nextDue();

  /** How many are kept by trigger, those handed out included. Blocks. */
  Map<String, Long> countByTrigger();

  /** The retries of one trigger, or of all, the next due first; hands none out. Blocks. */
  List<Parked> list(Optional<String> trigger, int limit);
}
