package dev.millrace.worker.dispatch;

import java.util.Optional;

/**
 * How the dispatcher treats a function that fails, whichever triggers its events come from.
 *
 * @param breaker when to stop calling it; empty for never
 * @param retryBudget how many retries it may have; empty for any number
 */
public record FunctionPolicy(
    Optional<BreakerPolicy> breaker, Optional<RetryBudgetPolicy> retryBudget) {

  public static final FunctionPolicy DEFAULT =
      new FunctionPolicy(Optional.empty(), Optional.empty());
}
