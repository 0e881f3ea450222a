package dev.millrace.triggers.redis;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class WakeupTest {

  private static final Duration LONG = Duration.ofMinutes(10);

  private final Wakeup wakeup = new Wakeup();

  @Test
  void returnsAtOnceWhenItWasSignalledBefore() throws InterruptedException {
    wakeup.signal();

    assertTrue(ends(resting(w -> w.await(LONG))));
  }

  @Test
  void returnsAtOnceWhenItWasHintedBefore() throws InterruptedException {
    wakeup.hint();

    assertTrue(ends(resting(w -> w.await(LONG))));
  }

  @Test
  void doesNotNapOnASignal() throws InterruptedException {
    wakeup.hint();
    wakeup.signal();

    assertTrue(ends(resting(w -> w.nap(LONG))));
  }

  @Test
  void wakesASleeperByAHint() throws InterruptedException {
    Rest rest = resting(w -> w.await(LONG));
    await().until(() -> rest.thread().getState() == Thread.State.TIMED_WAITING);

    wakeup.hint();

    assertTrue(ends(rest));
  }

  @Test
  void wakesANapperByASignal() throws InterruptedException {
    Rest rest = resting(w -> w.nap(LONG));
    await().until(() -> rest.thread().getState() == Thread.State.TIMED_WAITING);
    wakeup.hint();

    wakeup.signal();

    assertTrue(ends(rest));
  }

  private record Rest(Thread thread, CountDownLatch over) {}

  private Rest resting(Consumer<Wakeup> how) {
    CountDownLatch over = new CountDownLatch(1);
    Thread thread =
        Thread.ofPlatform()
            .daemon()
            .start(
                () -> {
                  wakeup.belongsToThisThread();
                  how.accept(wakeup);
                  over.countDown();
                });
    return new Rest(thread, over);
  }

  private static boolean ends(Rest rest) throws InterruptedException {
    return rest.over().await(30, TimeUnit.SECONDS);
  }
}
