package dev.millrace.worker.dispatch;

import java.util.Map;

/**
 * One trigger's account of its events at one moment: {@code received = succeeded + deadLettered +
 * dropped + released + pending}.
 *
 * @param received events the worker has taken from the source
 * @param succeeded events whose function succeeded
 * @param deadLettered events whose dead letter is stored
 * @param dropped events given up, by reason
 * @param released events given back to their source, which brings them again
 * @param pending events with the worker now, waiting retries and parked events included
 */
public record Conservation(
    long received,
    long succeeded,
    long deadLettered,
    Map<String, Long> dropped,
    long released,
    long pending) {

  public Conservation {
    dropped = Map.copyOf(dropped);
  }

  /** Whether every received event is accounted for. */
  public boolean holds() {
    long gone = dropped.values().stream().mapToLong(Long::longValue).sum();
    return received == succeeded + deadLettered + gone + released + pending;
  }
}
