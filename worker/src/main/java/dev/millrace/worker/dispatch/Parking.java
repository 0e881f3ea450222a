package dev.millrace.worker.dispatch;

import dev.millrace.abi.Event;
import dev.millrace.triggers.Attempt;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * The second tier of retries: an event that waits for long leaves memory and its source for a place
 * that is at least as safe. It comes back through {@link Dispatcher#resume}.
 */
public interface Parking {

  /** The shortest delay for which an event is parked. */
  Duration beyond();

  /**
   * Keeps an event until it is due; completes once that is durable. Completes exceptionally when it
   * is not; the event then waits in memory. Does not block.
   */
  CompletionStage<Void> park(Parked retry);

  /**
   * An event that waits outside memory.
   *
   * @param trigger the trigger that received it
   * @param function the function to try again
   * @param event the event
   * @param attempts attempts used up
   * @param receivedAt when the worker first received it
   * @param dueAt when the next attempt is due
   * @param history the failed attempts, oldest first; of many, the first and the latest
   */
  record Parked(
      String trigger,
      String function,
      Event event,
      int attempts,
      Instant receivedAt,
      Instant dueAt,
      List<Attempt> history) {

    public Parked {
      history = List.copyOf(history);
    }
  }
}
