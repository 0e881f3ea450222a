package dev.millrace.triggers.redis;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long a link may take to answer, and how long to wait between tries.
 *
 * @param connect the limit for connecting and for one reply to a command
 * @param ping how often a link that only listens is pinged
 * @param silence a link on which nothing came for this long is dead; more than {@code ping}
 * @param firstRetry the upper bound of the wait after the first failure; doubles with each further
 *     one
 * @param lastRetry the upper bound that the wait never exceeds
 * @param refusedRetry the upper bound after the server refused the credentials or the command,
 *     which rarely mends itself
 * @param journalRetry the wait before a journal that failed is tried again
 */
record LinkTimings(
    Duration connect,
    Duration ping,
    Duration silence,
    Duration firstRetry,
    Duration lastRetry,
    Duration refusedRetry,
    Duration journalRetry) {

  static final LinkTimings DEFAULT =
      new LinkTimings(
          Duration.ofSeconds(5),
          Duration.ofSeconds(5),
          Duration.ofSeconds(11),
          Duration.ofMillis(200),
          Duration.ofSeconds(10),
          Duration.ofSeconds(30),
          Duration.ofSeconds(1));

  /**
   * The wait before the next try: full jitter, so that many workers do not come back at once, but
   * at least a tenth of the bound, so that one worker never spins.
   *
   * @param failures how many tries have failed in a row, at least 1
   */
  Duration retryAfter(int failures, boolean refused, RandomGenerator random) {
    long bound = refused ? refusedRetry.toMillis() : lastRetry.toMillis();
    if (!refused) {
      int doublings = Math.min(failures - 1, 30);
      bound = Math.min(bound, firstRetry.toMillis() << doublings);
    }
    long least = Math.max(1, bound / 10);
    return Duration.ofMillis(random.nextLong(least, Math.max(least, bound) + 1));
  }
}
