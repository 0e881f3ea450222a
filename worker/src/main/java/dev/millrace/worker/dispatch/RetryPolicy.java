package dev.millrace.worker.dispatch;

import java.time.Duration;
import java.util.Optional;

/**
 * How often and how long a failing event is tried.
 *
 * @param maxAttempts attempts in all, the first one included, at least 1; default 5
 * @param backoff the delay between attempts, unless the guest asks for its own
 * @param maxAge an event that has been with the worker for longer is not tried again; empty for no
 *     bound
 */
public record RetryPolicy(int maxAttempts, Backoff backoff, Optional<Duration> maxAge) {

  public static final RetryPolicy DEFAULT = new RetryPolicy(5, Backoff.DEFAULT, Optional.empty());

  public RetryPolicy {
    if (maxAttempts < 1) {
      throw new IllegalArgumentException("retry.max_attempts must be >= 1");
    }
  }
}
