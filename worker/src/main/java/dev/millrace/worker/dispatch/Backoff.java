package dev.millrace.worker.dispatch;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Exponential back-off with full jitter: a delay is drawn from {@code [0, min(max, initial ×
 * multiplier^n)]}.
 *
 * @param initial the ceiling after the first failure, above zero; default 200 ms
 * @param max the ceiling never passed, at least {@code initial}; default 60 s
 * @param multiplier how the ceiling grows, at least 1; default 2
 * @see <a
 *     href="https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/">Exponential
 *     backoff and jitter</a>
 */
public record Backoff(Duration initial, Duration max, double multiplier) {

  public static final Backoff DEFAULT =
      new Backoff(Duration.ofMillis(200), Duration.ofSeconds(60), 2);

  public Backoff {
    if (initial.isNegative() || initial.isZero()) {
      throw new IllegalArgumentException("backoff.initial must be > 0");
    }
    if (max.compareTo(initial) < 0) {
      throw new IllegalArgumentException("backoff.max must be >= backoff.initial");
    }
    if (!(multiplier >= 1)) {
      throw new IllegalArgumentException("backoff.multiplier must be >= 1");
    }
  }

  /**
   * The delay before the next attempt.
   *
   * @param failures how many attempts have failed, at least 1
   */
  public Duration delay(int failures, RandomGenerator random) {
    double grown = initial.toNanos() * Math.pow(multiplier, Math.max(0, failures - 1));
    double ceiling = Math.min((double) max.toNanos(), grown);
    return Duration.ofNanos((long) (random.nextDouble() * ceiling));
  }
}
