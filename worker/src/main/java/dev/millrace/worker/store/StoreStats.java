package dev.millrace.worker.store;

import java.util.Optional;

/**
 * A store at one moment, for metrics and readiness. Counts are since it was opened.
 *
 * @param queuedWrites writes that wait for a commit now
 * @param queuedBytes their bytes
 * @param commits transactions committed
 * @param writes writes committed
 * @param failedWrites writes that failed, those that found the queue full included
 * @param droppedAttempts attempts that the history has no record of, because the queue was too full
 *     or the store in trouble
 * @param fileBytes what the store takes on disk, 0 where that is not known
 * @param trouble why the latest commit failed; empty when it did not
 */
public record StoreStats(
    int queuedWrites,
    long queuedBytes,
    long commits,
    long writes,
    long failedWrites,
    long droppedAttempts,
    long fileBytes,
    Optional<String> trouble) {

  /** Writes in one commit, on average; 0 before the first. */
  public double meanGroup() {
    return commits == 0 ? 0 : (double) writes / commits;
  }
}
