package dev.millrace.worker.manifest;

import dev.millrace.worker.dispatch.BreakerPolicy;
import dev.millrace.worker.dispatch.FunctionPolicy;
import dev.millrace.worker.dispatch.RetryBudgetPolicy;
import java.time.Duration;

/** Reads what a function's section says about its failures. */
final class FunctionPolicyReader {

  private FunctionPolicyReader() {}

  static FunctionPolicy read(Section function) {
    return new FunctionPolicy(
        function.ifMap("breaker").map(FunctionPolicyReader::breaker),
        function.ifMap("retry_budget").map(FunctionPolicyReader::budget));
  }

  private static BreakerPolicy breaker(Section breaker) {
    Duration open = breaker.durationOrDefault("open");
    Duration maxOpen = breaker.durationOrDefault("max_open");
    if (open.isZero()) {
      breaker.reportKey(Rule.IMPOSSIBLE_LIMIT, "open", "is 0; give a failing function some time");
      open = BreakerPolicy.DEFAULT.open();
    }
    if (maxOpen.compareTo(open) < 0) {
      String key = breaker.has("max_open") ? "max_open" : "open";
      breaker.reportKey(
          Rule.IMPOSSIBLE_LIMIT,
          key,
          "is "
              + breaker.textOrDefault(key)
              + ", but the breaker stays open from 'open' "
              + DurationText.format(open)
              + " up to 'max_open' "
              + DurationText.format(maxOpen)
              + "; make 'max_open' the longer one");
      maxOpen = open;
    }
    return new BreakerPolicy(
        breaker.decimalOrDefault("failure_ratio"),
        breaker.numberOrDefault("window"),
        open,
        maxOpen);
  }

  private static RetryBudgetPolicy budget(Section budget) {
    return new RetryBudgetPolicy(
        budget.decimalOrDefault("ratio"), budget.decimalOrDefault("min_per_second"));
  }
}
