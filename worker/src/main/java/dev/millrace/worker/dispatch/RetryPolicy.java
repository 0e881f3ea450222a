package dev.millrace.worker.dispatch;

import dev.millrace.triggers.FailureClass;
import dev.millrace.triggers.FailureKind;
import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;

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

  /**
   * What happens after a failed attempt.
   *
   * @param failure how the latest attempt failed
   * @param attempts the attempts used up, this one included; of an infrastructure failure, which
   *     uses up none, how many there were
   * @param age how long the event has been with the worker
   */
  Verdict after(Outcome.Failed failure, int attempts, Duration age, RandomGenerator random) {
    FailureClass failureClass = failure.kind().failureClass();
    if (failureClass == FailureClass.PERMANENT) {
      return new Verdict.GiveUp(failure.kind(), failure.error());
    }
    if (failureClass == FailureClass.INFRASTRUCTURE) {
      return new Verdict.Retry(backoff.delay(attempts, random), false);
    }
    if (attempts >= maxAttempts) {
      return new Verdict.GiveUp(failure.kind(), failure.error());
    }
    Duration delay = failure.retryAfter().orElseGet(() -> backoff.delay(attempts, random));
    if (maxAge.isPresent() && age.plus(delay).compareTo(maxAge.get()) > 0) {
      return new Verdict.GiveUp(
          FailureKind.EXPIRED,
          "the next attempt would come later than retry.max_age "
              + maxAge.get()
              + " after receipt; the last one failed with: "
              + failure.error());
    }
    return new Verdict.Retry(delay, true);
  }
}
