package dev.millrace.worker.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.triggers.Settlement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** Events that wait for a retry leave the others room, within a bound of their own. */
class FailingEventsTest {

  private static final RetryPolicy PATIENT =
      RetryPolicy.of(new Tries(100, new Backoff(Duration.ofHours(1), Duration.ofHours(1), 1)));

  private final OneTrigger trigger = new OneTrigger();

  @Test
  void eventsThatAlwaysFailDoNotFillTheIntake() {
    trigger.bounds = new Bounds(10, 1 << 20);
    trigger.retry = PATIENT.withWaiting(new Bounds(1000, 1 << 20));
    trigger.script =
        invocation -> invocation.event().id().startsWith("bad") ? OneTrigger.BUSY : OneTrigger.DONE;

    for (int i = 0; i < 500; i++) {
      assertTrue(trigger.offer("bad" + i), "refused bad" + i);
      assertTrue(trigger.offer("good" + i), "refused good" + i);
      trigger.runAll();
    }

    assertEquals(10, trigger.intake().room());
    assertEquals(500, trigger.settled.size());
    assertEquals(500, trigger.dispatcher().conservation("t").pending());
  }

  @Test
  void theyAreBoundedToo() {
    trigger.bounds = new Bounds(10, 1 << 20);
    trigger.retry = PATIENT.withWaiting(new Bounds(20, 1 << 20));
    trigger.script = invocation -> OneTrigger.BUSY;

    int accepted = 0;
    while (accepted < 1000 && trigger.offer("bad" + accepted)) {
      trigger.runAll();
      accepted++;
    }

    assertEquals(30, accepted);
    assertEquals(0, trigger.intake().room());
  }

  @Test
  void whatFindsNoPlaceInMemoryIsParked() {
    List<String> parked = new ArrayList<>();
    trigger.bounds = new Bounds(10, 1 << 20);
    trigger.retry =
        RetryPolicy.of(new Tries(100, new Backoff(Duration.ofMillis(1), Duration.ofMillis(1), 1)))
            .withWaiting(new Bounds(5, 1 << 20));
    trigger.script = invocation -> OneTrigger.BUSY;
    trigger.parking =
        Optional.of(
            new Parking() {
              @Override
              public Duration beyond() {
                return Duration.ofDays(1);
              }

              @Override
              public CompletionStage<Void> park(Parked retry) {
                parked.add(retry.event().id());
                return CompletableFuture.completedFuture(null);
              }
            });

    for (int i = 0; i < 100; i++) {
      assertTrue(trigger.offer("bad" + i), "refused bad" + i);
      trigger.runAll();
    }

    assertEquals(95, parked.size());
    assertEquals(Settlement.PARKED, trigger.settled.get("bad99"));
    assertEquals(10, trigger.intake().room());
  }

  @Test
  void whatFindsNoPlaceInTheStoreEitherKeepsItsOwnAndStopsTheIntake() {
    List<String> parked = new ArrayList<>();
    trigger.bounds = new Bounds(10, 1 << 20);
    trigger.retry =
        RetryPolicy.of(new Tries(100, new Backoff(Duration.ofMillis(1), Duration.ofMillis(1), 1)))
            .withWaiting(new Bounds(5, 1 << 20));
    trigger.script = invocation -> OneTrigger.BUSY;
    trigger.parking =
        Optional.of(
            new Parking() {
              @Override
              public Duration beyond() {
                return Duration.ofDays(1);
              }

              @Override
              public CompletionStage<Void> park(Parked retry) {
                if (parked.size() == 3) {
                  return CompletableFuture.failedFuture(new IllegalStateException("full"));
                }
                parked.add(retry.event().id());
                return CompletableFuture.completedFuture(null);
              }
            });

    int accepted = 0;
    while (accepted < 100 && trigger.offer("bad" + accepted)) {
      trigger.runAll();
      accepted++;
    }
    assertEquals(18, accepted, "3 are parked, 5 wait aside, 10 keep their places");
    assertEquals(0, trigger.intake().room());

    trigger.script = invocation -> OneTrigger.DONE;
    trigger.pass(Duration.ofSeconds(1));
    assertEquals(10, trigger.intake().room());
    assertEquals(18, trigger.settled.size());
  }

  @Test
  void whatWaitsBehindAFailingHeadLeavesTheOthersRoom() {
    trigger.bounds = new Bounds(10, 1 << 20);
    trigger.retry = PATIENT;
    trigger.script =
        invocation -> invocation.event().id().equals("bad") ? OneTrigger.BUSY : OneTrigger.DONE;

    trigger.offer("bad", "a");
    trigger.offer("before the failure", "a");
    trigger.runAll();
    for (int i = 0; i < 50; i++) {
      assertTrue(trigger.offer("behind" + i, "a"), "refused behind" + i);
    }
    assertTrue(trigger.offer("other", "b"));
    trigger.runAll();

    assertEquals(10, trigger.intake().room());
    assertEquals(List.of("other"), List.copyOf(trigger.settled.keySet()));
  }

  @Test
  void runsTheLaneOnInOrderWhenItsHeadHasSucceeded() {
    trigger.retry =
        RetryPolicy.of(new Tries(9, new Backoff(Duration.ofMillis(1), Duration.ofMillis(1), 1)));
    trigger.script = invocation -> invocation.attempt() < 3 ? OneTrigger.BUSY : OneTrigger.DONE;

    trigger.offer("1", "a");
    trigger.offer("2", "a");
    trigger.offer("3", "a");
    trigger.runAll().pass(Duration.ofSeconds(1));

    assertEquals(List.of("1", "1", "1", "2", "2", "2", "3", "3", "3"), trigger.ran);
    assertEquals(List.of("1", "2", "3"), List.copyOf(trigger.settled.keySet()));
    assertTrue(trigger.dispatcher().idle());
  }

  @Test
  void anOpenBreakerClosesTheIntakeAndUsesUpNoAttempts() {
    trigger.function =
        new FunctionPolicy(
            Optional.of(new BreakerPolicy(0.5, 4, Duration.ofSeconds(10), Duration.ofSeconds(40))),
            Optional.empty());
    trigger.retry =
        RetryPolicy.of(new Tries(5, new Backoff(Duration.ofMillis(1), Duration.ofMillis(1), 1)));
    boolean[] down = {true};
    trigger.script = invocation -> down[0] ? OneTrigger.BUSY : OneTrigger.DONE;

    trigger.offer("1");
    trigger.offer("2");
    trigger.runAll().pass(Duration.ofSeconds(1));
    assertEquals(4, trigger.ran.size(), "four failures open it");
    assertEquals(0, trigger.intake().room());
    assertFalse(trigger.offer("3"));

    trigger.pass(Duration.ofSeconds(10));
    assertEquals(5, trigger.ran.size(), "one event finds out that nothing has changed");
    trigger.pass(Duration.ofSeconds(18));
    assertEquals(5, trigger.ran.size(), "the pause has doubled");

    down[0] = false;
    trigger.pass(Duration.ofSeconds(3));
    assertEquals(Settlement.DONE, trigger.settled.get("1"));
    assertEquals(Settlement.DONE, trigger.settled.get("2"));
    assertTrue(trigger.offer("3"));
    assertEquals(List.of(), trigger.letters);
  }

  @Test
  void anEventIsWantedToFindOutWhenNoneWaits() {
    trigger.function =
        new FunctionPolicy(
            Optional.of(new BreakerPolicy(1, 1, Duration.ofSeconds(1), Duration.ofSeconds(1))),
            Optional.empty());
    trigger.retry = RetryPolicy.of(new Tries(1, Backoff.DEFAULT));
    trigger.script = invocation -> OneTrigger.BUSY;

    trigger.offer("1");
    trigger.runAll();
    assertEquals(Settlement.DEAD_LETTERED, trigger.settled.get("1"));
    assertFalse(trigger.offer("2"));

    trigger.pass(Duration.ofSeconds(1));
    assertTrue(trigger.offer("2"));
    assertFalse(trigger.offer("3"), "one is enough");
  }

  @Test
  void rejectedEventsDoNotOpenTheBreaker() {
    trigger.function = new FunctionPolicy(Optional.of(BreakerPolicy.DEFAULT), Optional.empty());
    trigger.script = invocation -> OneTrigger.REJECTED;

    for (int i = 0; i < 100; i++) {
      assertTrue(trigger.offer("bad" + i));
      trigger.runAll();
    }

    assertEquals(100, trigger.letters.size());
  }

  @Test
  void shutdownGivesBackWhatAnOpenBreakerKeeps() {
    trigger.function =
        new FunctionPolicy(
            Optional.of(new BreakerPolicy(1, 1, Duration.ofHours(1), Duration.ofHours(1))),
            Optional.empty());
    trigger.script = invocation -> OneTrigger.BUSY;
    trigger.offer("1");
    trigger.offer("2");
    trigger.offer("3");
    trigger.runAll();

    trigger.dispatcher().drain();
    trigger.runAll();

    assertEquals(3, trigger.settled.size());
    assertEquals(Settlement.RELEASED, trigger.settled.get("3"));
    assertTrue(trigger.dispatcher().idle());
  }

  @Test
  void retriesBeyondTheBudgetWaitAndAreNotLost() {
    trigger.function =
        new FunctionPolicy(Optional.empty(), Optional.of(new RetryBudgetPolicy(0.001, 1)));
    trigger.retry =
        RetryPolicy.of(new Tries(2, new Backoff(Duration.ofMillis(1), Duration.ofMillis(1), 1)));
    trigger.script = invocation -> invocation.attempt() == 1 ? OneTrigger.BUSY : OneTrigger.DONE;

    for (int i = 0; i < 10; i++) {
      trigger.offer("e" + i);
    }
    trigger.runAll().pass(Duration.ofSeconds(4));
    int retries = trigger.ran.size() - 10;
    assertTrue(retries >= 3 && retries <= 6, retries + " retries in 4 s at one a second");

    trigger.pass(Duration.ofSeconds(10));
    assertEquals(10, trigger.settled.size());
  }
}
