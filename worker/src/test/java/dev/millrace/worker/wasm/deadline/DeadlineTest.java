package dev.millrace.worker.wasm.deadline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The deadline against a watchdog that the test plays. */
class DeadlineTest {

  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private final Watchdog asleep = new Watchdog(() -> {}, Duration.ofHours(1));
  private final Deadline deadline = asleep.newDeadline();

  @AfterEach
  void clearInterrupt() {
    Thread.interrupted();
  }

  @Test
  void firesOnceItsTimeIsOver() {
    deadline.start(System.nanoTime() + 10 * SECOND);

    assertTrue(deadline.expire(System.nanoTime()) > 9 * SECOND);
    assertEquals(Long.MAX_VALUE, deadline.expire(System.nanoTime() + 10 * SECOND));
    assertTrue(Thread.currentThread().isInterrupted());
    assertTrue(deadline.stop());
    assertFalse(Thread.currentThread().isInterrupted());
  }

  @Test
  void anExtensionCountsFromNow() {
    deadline.start(System.nanoTime() + SECOND);

    assertTrue(deadline.extend(SECOND * 5, SECOND * 100));

    long left = deadline.remainingNanos();
    assertTrue(left > 4 * SECOND && left <= 5 * SECOND, () -> left + " ns");
    assertTrue(deadline.expire(System.nanoTime() + 2 * SECOND) > 0, "not at the first deadline");
    assertFalse(deadline.stop());
  }

  @Test
  void noExtensionGoesBeyondTheMost() {
    deadline.start(System.nanoTime() + 10 * SECOND);

    assertTrue(deadline.extend(10 * SECOND, 15 * SECOND));
    assertTrue(deadline.extend(10 * SECOND, 15 * SECOND));

    assertTrue(deadline.remainingNanos() <= 15 * SECOND);
    assertTrue(deadline.extend(10 * SECOND, 10 * SECOND));
    assertTrue(deadline.remainingNanos() > 9 * SECOND, "and none brings it nearer");
  }

  @Test
  void afterItHasFiredNothingIsExtended() {
    deadline.start(System.nanoTime());
    deadline.expire(System.nanoTime() + 1);

    assertFalse(deadline.extend(SECOND, SECOND * 10));
    assertTrue(deadline.stop());
  }

  @Test
  void whoeverWasGrantedAnExtensionIsNotInterruptedForTheOldDeadline() throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    Thread watchdog =
        Thread.ofPlatform()
            .start(
                () -> {
                  while (!done.get()) {
                    deadline.expire(System.nanoTime());
                  }
                });
    int granted = 0;
    int fired = 0;
    for (int i = 0; i < 20_000; i++) {
      deadline.start(System.nanoTime() + (i % 3 == 0 ? 2_000 : 500));
      boolean extended = deadline.extend(60 * SECOND, 600 * SECOND);
      boolean stopped = deadline.stop();
      assertEquals(extended, !stopped);
      assertFalse(Thread.currentThread().isInterrupted());
      granted += extended ? 1 : 0;
      fired += stopped ? 1 : 0;
    }
    done.set(true);
    watchdog.join();
    assertEquals(20_000, granted + fired);
  }

  /** The watchdog may take a deadline for over that was that of the invocation before. */
  @Test
  void whoeverStartedJustNowIsGrantedAnExtension() throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    Thread watchdog =
        Thread.ofPlatform()
            .start(
                () -> {
                  while (!done.get()) {
                    deadline.expire(System.nanoTime());
                  }
                });
    int refused = 0;
    for (int i = 0; i < 300_000; i++) {
      deadline.start(System.nanoTime());
      deadline.stop();
      deadline.start(System.nanoTime() + 60 * SECOND);
      refused += deadline.extend(60 * SECOND, 600 * SECOND) ? 0 : 1;
      deadline.stop();
    }
    done.set(true);
    watchdog.join();
    assertEquals(0, refused);
  }
}
