package dev.millrace.worker.dispatch;

import dev.millrace.triggers.Settlement;

/** Drops an event that has been here before, and lets one wait whose like is here now. */
final class Deduplicating {

  private final TriggerState state;
  private final Duplicates known;
  private final Holding holding;
  private final Ending ending;

  Deduplicating(TriggerState state, Duplicates known, Holding holding, Ending ending) {
    this.state = state;
    this.known = known;
    this.holding = holding;
    this.ending = ending;
  }

  /** Whether the event may run; if not, it is taken care of. May block for the store. */
  boolean passes(Task task) {
    if (task.unique || task.resumed) {
      return true;
    }
    if (!known.first(task)) {
      await(task);
      return false;
    }
    try {
      task.unique = !known.seen(task);
    } catch (RuntimeException e) {
      holding.holdForStore(task, e, () -> state.gate().submit(task));
      return false;
    }
    if (!task.unique) {
      ending.settle(task, Settlement.DROPPED, "duplicate");
    }
    return task.unique;
  }

  private void await(Task task) {
    state.waiting().until(task, () -> state.gate().submit(task));
    if (!known.follows(task)) {
      state.waiting().wake(task); // the other one ended before it could be seen waiting
    }
  }
}
