package dev.millrace.triggers;

import dev.millrace.abi.Event;

/** Learns how an offered event was settled. */
@FunctionalInterface
public interface SettlementListener {

  /**
   * Called exactly once for an accepted event, on any thread. Must not block and must not throw: it
   * posts the settlement to the trigger's own mailbox and returns.
   */
  void settled(Event event, Settlement settlement);
}
