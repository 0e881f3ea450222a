package dev.millrace.triggers.kafka;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** How long to wait before the next try to reach a broker: doubling, with full jitter. */
final class Backoff {

  static final Duration FIRST = Duration.ofMillis(200);
  static final Duration LONGEST = Duration.ofSeconds(30);

  private Backoff() {}

  /**
   * A random delay up to the bound of this failure, and at least a tenth of it, so that a try never
   * follows at once.
   *
   * @param failures how many tries failed in a row, at least 1
   */
  static Duration delay(int failures, RandomGenerator random) {
    long bound = LONGEST.toMillis();
    if (failures < 16) {
      bound = Math.min(bound, FIRST.toMillis() << (failures - 1));
    }
    return Duration.ofMillis(random.nextLong(bound / 10, bound + 1));
  }
}
