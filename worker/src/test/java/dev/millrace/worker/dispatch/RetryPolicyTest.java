package dev.millrace.worker.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.triggers.Attempt;
import dev.millrace.triggers.FailureKind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class RetryPolicyTest {

  private static final Backoff BACKOFF =
      new Backoff(Duration.ofMillis(100), Duration.ofSeconds(1), 2);
  private static final RetryPolicy POLICY =
      RetryPolicy.of(new Tries(3, BACKOFF)).withMaxAge(Duration.ofMinutes(1));
  private static final Outcome.Failed TRAP = Outcome.Failed.of(FailureKind.TRAP, "unreachable");

  private final RandomGenerator random = new SplittableRandom(1);

  @Test
  void countsTheFirstTryAmongTheAttempts() {
    assertInstanceOf(Verdict.Retry.class, after(TRAP, 2, Duration.ZERO));
    assertEquals(
        new Verdict.GiveUp(FailureKind.TRAP, "unreachable"), after(TRAP, 3, Duration.ZERO));
  }

  @Test
  void givesUpAtOnceWhatCanNeverSucceed() {
    Outcome.Failed rejected = Outcome.Failed.of(FailureKind.REJECTED, "negative");

    assertEquals(
        new Verdict.GiveUp(FailureKind.REJECTED, "negative"), after(rejected, 1, Duration.ZERO));
  }

  @Test
  void neverGivesUpForWantOfInfrastructureAndCountsNothing() {
    Outcome.Failed noSandbox = Outcome.Failed.of(FailureKind.INFRASTRUCTURE, "no sandbox");

    Verdict.Retry retry =
        assertInstanceOf(Verdict.Retry.class, after(noSandbox, 1000, Duration.ofDays(1)));

    assertEquals(false, retry.counted());
  }

  @Test
  void waitsAsLongAsTheGuestAsks() {
    Outcome.Failed busy =
        new Outcome.Failed(
            FailureKind.RETRY_REQUESTED, "busy", Optional.of(Duration.ofSeconds(30)));

    assertEquals(new Verdict.Retry(Duration.ofSeconds(30), true), after(busy, 1, Duration.ZERO));
  }

  @Test
  void doesNotTryAgainPastTheAgeLimit() {
    Outcome.Failed busy =
        new Outcome.Failed(
            FailureKind.RETRY_REQUESTED, "busy", Optional.of(Duration.ofSeconds(30)));

    assertInstanceOf(Verdict.Retry.class, after(busy, 1, Duration.ofSeconds(30)));
    Verdict.GiveUp expired =
        assertInstanceOf(Verdict.GiveUp.class, after(busy, 1, Duration.ofSeconds(31)));
    assertEquals(FailureKind.EXPIRED, expired.kind());
    assertTrue(expired.error().endsWith("the last one failed with: busy"), expired.error());
  }

  @Test
  void givesUpWhatTrapsTwiceInTheSameWay() {
    RetryPolicy policy = RetryPolicy.of(new Tries(5, BACKOFF));
    Outcome.Failed other = Outcome.Failed.of(FailureKind.TRAP, "out of bounds");
    Outcome.Failed busy = Outcome.Failed.of(FailureKind.RETRY_REQUESTED, "unreachable");

    assertInstanceOf(Verdict.Retry.class, after(policy, TRAP));
    assertInstanceOf(Verdict.Retry.class, after(policy, TRAP, other));
    assertInstanceOf(Verdict.Retry.class, after(policy, TRAP, busy, TRAP));
    assertInstanceOf(Verdict.Retry.class, after(policy.withIdenticalTraps(0), TRAP, TRAP));
    assertInstanceOf(Verdict.Retry.class, after(policy.withIdenticalTraps(3), TRAP, TRAP));
    Verdict.GiveUp twice = assertInstanceOf(Verdict.GiveUp.class, after(policy, other, TRAP, TRAP));
    assertEquals(FailureKind.TRAP, twice.kind());
    assertTrue(twice.error().contains("retry.identical_traps"), twice.error());
  }

  @Test
  void hasOtherTriesForSomeFailures() {
    RetryPolicy policy =
        RetryPolicy.of(new Tries(5, BACKOFF))
            .withTriesOn(
                FailureKind.TIMEOUT,
                new Tries(2, new Backoff(Duration.ofHours(1), Duration.ofHours(1), 1)));
    Outcome.Failed slow = Outcome.Failed.of(FailureKind.TIMEOUT, "slow");

    Verdict.Retry first = assertInstanceOf(Verdict.Retry.class, after(policy, slow));
    assertTrue(first.delay().compareTo(Duration.ofSeconds(1)) > 0, first.toString());
    assertInstanceOf(Verdict.GiveUp.class, after(policy, slow, slow));
    assertInstanceOf(
        Verdict.GiveUp.class, after(policy, TRAP, slow), "the second attempt is the last one");
    assertInstanceOf(Verdict.Retry.class, after(policy, slow, TRAP));
  }

  @Test
  void refusesTriesForWhatIsNeverRetried() {
    assertThrows(
        IllegalArgumentException.class,
        () -> RetryPolicy.DEFAULT.withTriesOn(FailureKind.REJECTED, Tries.DEFAULT));
  }

  @Test
  void drawsDelaysFromTheWholeRangeUpToACeilingThatDoubles() {
    long[] ceilings = {100, 200, 400, 800, 1000, 1000};
    for (int failures = 1; failures <= ceilings.length; failures++) {
      long least = Long.MAX_VALUE;
      long most = 0;
      for (int i = 0; i < 2000; i++) {
        long millis = BACKOFF.delay(failures, random).toMillis();
        least = Math.min(least, millis);
        most = Math.max(most, millis);
      }
      long ceiling = ceilings[failures - 1];
      assertTrue(most <= ceiling && most > ceiling * 0.95, failures + ": at most " + most);
      assertTrue(least < ceiling * 0.05, failures + ": at least " + least);
    }
  }

  private Verdict after(Outcome.Failed failure, int attempts, Duration age) {
    return POLICY.after(failure, attempts, List.of(), age, random);
  }

  private Verdict after(RetryPolicy policy, Outcome.Failed... failures) {
    List<Attempt> history = new ArrayList<>();
    for (Outcome.Failed each : failures) {
      history.add(
          new Attempt(
              history.size() + 1, Instant.EPOCH, Duration.ZERO, each.kind(), each.error(), ""));
    }
    Outcome.Failed latest = failures[failures.length - 1];
    return policy.after(latest, failures.length, history, Duration.ZERO, random);
  }
}
