package dev.millrace.worker.dispatch;

/**
 * What the units that bring one trigger's events through share. Each part guards itself.
 *
 * @param policy what the manifest wants
 * @param gate lets the function's events run
 * @param around what the dispatcher needs of the world
 * @param account the trigger's places, and its ledger
 * @param lanes who waits for whom
 * @param waiting what waits for anything else
 */
record TriggerState(
    TriggerPolicy policy,
    FunctionGate gate,
    Surroundings around,
    Account account,
    TriggerLanes lanes,
    Waiting waiting) {

  String trigger() {
    return policy.trigger();
  }

  String function() {
    return policy.function().name();
  }

  DispatchListener listener() {
    return around.listener();
  }

  /** Gives an event a place among those that wait; false if they are all taken. */
  boolean putAside(Task task) {
    return task.putAside(account);
  }
}
