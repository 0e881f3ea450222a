package dev.millrace.triggers;

import dev.millrace.abi.Event;
import java.util.Optional;

/** Learns how an offered event was settled. */
@FunctionalInterface
public interface SettlementListener {

  /**
   * Called exactly once for an accepted event, on any thread. Must not block and must not throw: it
   * posts the settlement to the trigger's own mailbox and returns.
   */
  void settled(Event event, Settlement settlement);

  /**
   * Takes the event's results, in place of the connections that they name, where the source makes
   * them one with the acknowledgement. May be called before {@link #settled}, on any thread.
   */
  default Optional<ResultPublisher> results() {
    return Optional.empty();
  }
}
