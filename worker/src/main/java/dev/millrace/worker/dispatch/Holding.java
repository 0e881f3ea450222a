package dev.millrace.worker.dispatch;

import java.time.Duration;
import java.util.concurrent.CompletionException;

/**
 * Holds an event while a broker, a sink or the store does not take what it must, and meanwhile
 * closes the trigger's intake: what this event needs is not there for the next one either.
 */
final class Holding {

  /** How long to wait before asking again. */
  private static final Backoff TROUBLE =
      new Backoff(Duration.ofMillis(500), Duration.ofSeconds(15), 2);

  private final TriggerState state;

  Holding(TriggerState state) {
    this.state = state;
  }

  /** How long the event waits this time. */
  Duration delay(Task task) {
    return TROUBLE.delay(++task.troubles, state.around().random());
  }

  /** Waits, then goes on. */
  void hold(Task task, Duration delay, Runnable next) {
    state.account().hold();
    task.holding = true;
    state
        .waiting()
        .after(
            task,
            delay,
            () -> {
              end(task);
              next.run();
            });
  }

  /** Waits for the store, says so, then goes on. */
  void holdForStore(Task task, Throwable error, Runnable next) {
    Duration delay = delay(task);
    state.listener().storeHeld(state.trigger(), task.event, cause(error), delay);
    hold(task, delay, next);
  }

  /** Opens the intake again, as far as this event keeps it closed. */
  void end(Task task) {
    if (task.holding) {
      task.holding = false;
      state.account().release();
    }
  }

  /** What went wrong, without the stage that it came through. */
  static Throwable cause(Throwable error) {
    return error instanceof CompletionException && error.getCause() != null
        ? error.getCause()
        : error;
  }
}
