package dev.millrace.worker.dispatch;

import dev.millrace.triggers.DeadLetterSink;
import java.util.Optional;

/**
 * Where one trigger's events are kept when they are not simply done.
 *
 * @param deadLetters keeps what failed for good; empty to drop it, counted
 * @param parking keeps retries that wait for long; empty to keep them in memory
 * @param keys keeps what comes after a dead letter of the same key; empty to let it pass
 * @param duplicates knows what has been here before; empty to run whatever comes
 */
public record Keeping(
    Optional<DeadLetterSink> deadLetters,
    Optional<Parking> parking,
    Optional<KeyQueue> keys,
    Optional<Deduplication> duplicates) {

  /** Only dead letters are kept. */
  public static Keeping deadLetters(DeadLetterSink sink) {
    return new Keeping(Optional.of(sink), Optional.empty(), Optional.empty(), Optional.empty());
  }
}
