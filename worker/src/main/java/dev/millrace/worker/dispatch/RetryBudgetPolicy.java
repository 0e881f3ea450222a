package dev.millrace.worker.dispatch;

/**
 * How many retries a function may have.
 *
 * @param ratio retries for each first attempt, above 0; 0.2 for one in five
 * @param minPerSecond retries that are always allowed, above 0; default 10
 */
public record RetryBudgetPolicy(double ratio, double minPerSecond) {

  public RetryBudgetPolicy {
    if (!(ratio > 0) || !(minPerSecond > 0)) {
      throw new IllegalArgumentException(
          "retry_budget.ratio and retry_budget.min_per_second must be > 0");
    }
  }
}
