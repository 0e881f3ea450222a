package dev.millrace.worker.dispatch;

import java.time.Duration;

/**
 * When a function is no longer called because it fails.
 *
 * @param failureRatio the share of the latest calls, above 0 up to 1, that must have failed;
 *     default 0.5. An event that the function rejects is no failure of the function
 * @param window how many latest calls are looked at, 1 to 10,000; default 20. Fewer calls never
 *     open the breaker
 * @param open how long nothing is called before one event is tried, above zero; default 10 s
 * @param maxOpen each failed try doubles the pause, up to this; default 5 min
 */
public record BreakerPolicy(double failureRatio, int window, Duration open, Duration maxOpen) {

  public static final BreakerPolicy DEFAULT =
      new BreakerPolicy(0.5, 20, Duration.ofSeconds(10), Duration.ofMinutes(5));

  public BreakerPolicy {
    if (!(failureRatio > 0 && failureRatio <= 1)) {
      throw new IllegalArgumentException("breaker.failure_ratio must be above 0 and at most 1");
    }
    if (window < 1 || window > 10_000) {
      throw new IllegalArgumentException("breaker.window must be between 1 and 10000");
    }
    if (!open.isPositive() || maxOpen.compareTo(open) < 0) {
      throw new IllegalArgumentException("breaker.open must be > 0 and <= breaker.max_open");
    }
  }
}
