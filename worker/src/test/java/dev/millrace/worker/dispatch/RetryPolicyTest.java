package dev.millrace.worker.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.triggers.FailureKind;
import java.time.Duration;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class RetryPolicyTest {

  private static final Backoff BACKOFF =
      new Backoff(Duration.ofMillis(100), Duration.ofSeconds(1), 2);
  private static final RetryPolicy POLICY =
      new RetryPolicy(3, BACKOFF, Optional.of(Duration.ofMinutes(1)));
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
    return POLICY.after(failure, attempts, age, random);
  }
}
