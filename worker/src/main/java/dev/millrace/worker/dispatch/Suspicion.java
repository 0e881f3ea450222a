package dev.millrace.worker.dispatch;

import dev.millrace.triggers.FailureKind;

/**
 * Treats with care an event that ran when the process ended: it runs in quarantine, and after some
 * such ends it is given up untried.
 */
final class Suspicion {

  private final TriggerState state;
  private final Quarantine quarantine;
  private final Attempting attempting;
  private final GivingUp givingUp;

  Suspicion(TriggerState state, Quarantine quarantine, Attempting attempting, GivingUp givingUp) {
    this.state = state;
    this.quarantine = quarantine;
    this.attempting = attempting;
    this.givingUp = givingUp;
  }

  /** Runs an attempt, if the event may run now. */
  Health run(Task task) {
    int crashes = state.around().crashes().crashes(state.trigger(), task.event);
    if (crashes == 0) {
      return attempting.attempt(task);
    }
    if (crashes >= state.policy().retry().maxCrashes()) {
      givingUp.giveUp(
          task,
          FailureKind.CRASHED,
          "the worker's process ended "
              + crashes
              + " times while this event ran; not tried again (retry.max_crashes)");
      return Health.UNKNOWN;
    }
    return runAlone(task);
  }

  private Health runAlone(Task task) {
    Waiting waiting = state.waiting();
    // It waits before it asks: whoever leaves between the two would wake nobody otherwise.
    waiting.until(task, () -> state.gate().submit(task));
    if (!quarantine.enter(() -> waiting.wake(task))) {
      return Health.UNKNOWN;
    }
    if (!waiting.forget(task)) {
      quarantine.leave();
      return Health.UNKNOWN;
    }
    try {
      return attempting.attempt(task);
    } finally {
      quarantine.leave();
    }
  }
}
