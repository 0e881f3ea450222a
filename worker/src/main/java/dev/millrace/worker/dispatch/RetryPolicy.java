package dev.millrace.worker.dispatch;

import dev.millrace.triggers.Attempt;
import dev.millrace.triggers.FailureClass;
import dev.millrace.triggers.FailureKind;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * How often and how long a failing event is tried.
 *
 * @param tries how often, and with what delays
 * @param on other tries after an attempt that failed in one of these ways
 * @param maxAge an event that has been with the worker for longer is not tried again; empty for no
 *     bound
 * @param identicalTraps after so many traps in a row with the same error the event is given up:
 *     what depends on nothing but the event will not change; 0 for never; default 2, at most
 *     {@value Task#KEPT_ATTEMPTS}
 * @param maxCrashes after so many ends of the whole process while it ran the event is given up; at
 *     least 1; default 3
 * @param waiting how many events of the trigger may wait for a retry beside those in flight
 */
public record RetryPolicy(
    Tries tries,
    Map<FailureKind, Tries> on,
    Optional<Duration> maxAge,
    int identicalTraps,
    int maxCrashes,
    Bounds waiting) {

  /** Waiting retries take no place of those in flight until there are this many of them. */
  public static final Bounds DEFAULT_WAITING = new Bounds(10_000, 64L << 20);

  public static final RetryPolicy DEFAULT =
      new RetryPolicy(Tries.DEFAULT, Map.of(), Optional.empty(), 2, 3, DEFAULT_WAITING);

  public RetryPolicy {
    on = Map.copyOf(on);
    for (FailureKind kind : on.keySet()) {
      if (kind.failureClass() != FailureClass.TRANSIENT) {
        throw new IllegalArgumentException(kind + " is never retried");
      }
    }
    if (identicalTraps < 0 || identicalTraps > Task.KEPT_ATTEMPTS) {
      throw new IllegalArgumentException(
          "identical_traps must be between 0 and " + Task.KEPT_ATTEMPTS);
    }
    if (maxCrashes < 1) {
      throw new IllegalArgumentException("max_crashes must be >= 1");
    }
  }

  /** The default policy with other tries. */
  public static RetryPolicy of(Tries tries) {
    return new RetryPolicy(
        tries,
        Map.of(),
        Optional.empty(),
        DEFAULT.identicalTraps,
        DEFAULT.maxCrashes,
        DEFAULT_WAITING);
  }

  /** The same with an age limit. */
  public RetryPolicy withMaxAge(Duration limit) {
    return new RetryPolicy(tries, on, Optional.of(limit), identicalTraps, maxCrashes, waiting);
  }

  /** The same with other bounds for waiting retries. */
  public RetryPolicy withWaiting(Bounds bounds) {
    return new RetryPolicy(tries, on, maxAge, identicalTraps, maxCrashes, bounds);
  }

  /** The same with another number of identical traps, 0 for any number. */
  public RetryPolicy withIdenticalTraps(int most) {
    return new RetryPolicy(tries, on, maxAge, most, maxCrashes, waiting);
  }

  /** The same with other tries after one kind of failure. */
  public RetryPolicy withTriesOn(FailureKind kind, Tries others) {
    return new RetryPolicy(
        tries, Map.of(kind, others), maxAge, identicalTraps, maxCrashes, waiting);
  }

  /**
   * What happens after a failed attempt.
   *
   * @param failure how the latest attempt failed
   * @param attempts the attempts used up, this one included; of an infrastructure failure, which
   *     uses up none, how many there were
   * @param history the failed attempts, this one included; of many, at least the latest {@value
   *     Task#KEPT_ATTEMPTS} less one
   * @param age how long the event has been with the worker
   */
  Verdict after(
      Outcome.Failed failure,
      int attempts,
      List<Attempt> history,
      Duration age,
      RandomGenerator random) {
    FailureClass failureClass = failure.kind().failureClass();
    if (failureClass == FailureClass.PERMANENT) {
      return new Verdict.GiveUp(failure.kind(), failure.error());
    }
    Tries allowed = on.getOrDefault(failure.kind(), tries);
    if (failureClass == FailureClass.INFRASTRUCTURE) {
      return new Verdict.Retry(allowed.backoff().delay(attempts, random), false);
    }
    if (attempts >= allowed.maxAttempts()) {
      return new Verdict.GiveUp(failure.kind(), failure.error());
    }
    if (failure.kind() == FailureKind.TRAP && sameTrapAgain(history)) {
      return new Verdict.GiveUp(
          FailureKind.TRAP,
          failure.error()
              + "\n(the same trap "
              + identicalTraps
              + " times in a row, so it is not tried again: retry.identical_traps)");
    }
    Duration delay =
        failure.retryAfter().orElseGet(() -> allowed.backoff().delay(attempts, random));
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

  private boolean sameTrapAgain(List<Attempt> history) {
    if (identicalTraps == 0 || history.size() < identicalTraps) {
      return false;
    }
    List<Attempt> latest = history.subList(history.size() - identicalTraps, history.size());
    String error = latest.get(0).error();
    return latest.stream()
        .allMatch(each -> each.failure() == FailureKind.TRAP && each.error().equals(error));
  }
}
