package dev.millrace.worker.dispatch;

import java.time.Duration;
import java.time.Instant;

/**
 * Keeps the retries of a function to a share of its first attempts, so that they do not become most
 * of the load just when it has trouble. A retry beyond the budget is not lost; it waits.
 *
 * <p>A bucket of tokens: each first attempt puts in {@code ratio} of one, each second {@code
 * minPerSecond}, and each retry takes one. It holds what ten seconds put in. Not safe for threads:
 * {@link FunctionGate} guards it.
 */
final class RetryBudget {

  private static final double SECONDS_KEPT = 10;

  private final RetryBudgetPolicy policy;
  private final double most;
  private double tokens;
  private Instant filledAt;

  RetryBudget(RetryBudgetPolicy policy, Instant now) {
    this.policy = policy;
    this.most = Math.max(1, SECONDS_KEPT * Math.max(policy.minPerSecond(), 1));
    this.tokens = Math.max(1, policy.minPerSecond());
    this.filledAt = now;
  }

  void firstAttempt() {
    tokens = Math.min(most, tokens + policy.ratio());
  }

  /** Pays for a retry, if there is enough. */
  boolean pay(Instant now) {
    Duration since = Duration.between(filledAt, now);
    filledAt = now;
    if (since.isPositive()) {
      tokens = Math.min(most, tokens + since.toNanos() / 1e9 * policy.minPerSecond());
    }
    if (tokens < 1) {
      return false;
    }
    tokens -= 1;
    return true;
  }
}
