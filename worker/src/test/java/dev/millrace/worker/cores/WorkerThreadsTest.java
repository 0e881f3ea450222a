package dev.millrace.worker.cores;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.worker.dispatch.Function;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.dispatch.Workers.Turns;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Real threads, two primary ones; guests are latches. */
class WorkerThreadsTest {

  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Duration LINGER = Duration.ofMillis(20);

  private final WorkerThreads threads = WorkerThreads.start(2, 3, LINGER);
  private final CountDownLatch end = new CountDownLatch(1);

  @AfterEach
  void close() {
    end.countDown();
    threads.close();
  }

  @Test
  void aFunctionThatKeepsItsThreadsDoesNotKeepAnotherOneWaiting() throws Exception {
    Turns endless = threads.turns(function("endless", false));
    CountDownLatch inside = new CountDownLatch(2);
    for (int i = 0; i < 10; i++) {
      endless.execute(() -> keep(inside));
    }
    awaitZero(inside);

    CountDownLatch ran = new CountDownLatch(3);
    Turns good = threads.turns(function("good", false));
    for (int i = 0; i < 3; i++) {
      good.execute(ran::countDown);
    }
    awaitZero(ran);
  }

  @Test
  void reserveThreadsAreBoundedAndLetGo() throws Exception {
    AtomicInteger inside = new AtomicInteger();
    for (int i = 0; i < 8; i++) {
      Turns each = threads.turns(function("endless-" + i, false));
      for (int turn = 0; turn < 3; turn++) {
        each.execute(
            () -> {
              inside.incrementAndGet();
              keep(new CountDownLatch(0));
            });
      }
    }
    await().atMost(SOON).until(() -> inside.get() == 5);
    assertEquals(5, threads.count(), "two, and three in reserve");

    end.countDown();
    await().atMost(SOON).until(() -> inside.get() == 24);
    await().atMost(SOON).until(() -> threads.count() == 2);
  }

  @Test
  void aTurnIsOverWhileAnotherFunctionHasNoThread() throws Exception {
    Turns busy = threads.turns(function("busy", false));
    Turns good = threads.turns(function("good", false));
    AtomicBoolean ran = new AtomicBoolean();
    CountDownLatch over = new CountDownLatch(2);
    CountDownLatch inside = new CountDownLatch(2);
    for (int i = 0; i < 2; i++) {
      busy.execute(
          () -> {
            inside.countDown();
            // Events so short that no thread in reserve is called for.
            while (!busy.over() && !ran.get()) {
              Thread.onSpinWait();
            }
            over.countDown();
          });
    }
    awaitZero(inside);
    assertFalse(good.over(), "on a thread that is no worker");

    good.execute(() -> ran.set(true));

    await().atMost(SOON).untilTrue(ran);
    awaitZero(over);
  }

  @Test
  void guestsThatTakeLongGoOnOnThreadsThatComeAfterTheOthers() throws Exception {
    Turns slow = threads.turns(function("slow", false));
    CountDownLatch over = new CountDownLatch(1);
    AtomicInteger before = new AtomicInteger();
    slow.execute(
        () -> {
          before.set(Thread.currentThread().getPriority());
          while (!slow.over()) {
            sleepLong();
          }
          over.countDown();
        });
    awaitZero(over);

    CountDownLatch ran = new CountDownLatch(2);
    AtomicInteger after = new AtomicInteger();
    AtomicInteger other = new AtomicInteger();
    slow.execute(
        () -> {
          after.set(Thread.currentThread().getPriority());
          ran.countDown();
        });
    threads
        .turns(function("quick", false))
        .execute(
            () -> {
              other.set(Thread.currentThread().getPriority());
              ran.countDown();
            });
    awaitZero(ran);

    assertTrue(after.get() < before.get(), after + " is no less than " + before);
    assertEquals(before.get(), other.get());
  }

  @Test
  void whatWaitsRunsOnVirtualThreadsAsManyAtOnceAsThereAre() throws Exception {
    Turns waiting = threads.turns(function("waiting", true));
    CountDownLatch inside = new CountDownLatch(1000);
    Semaphore done = new Semaphore(0);
    AtomicInteger platform = new AtomicInteger();
    for (int i = 0; i < 1000; i++) {
      waiting.execute(
          () -> {
            if (!Thread.currentThread().isVirtual()) {
              platform.incrementAndGet();
            }
            keep(inside);
            done.release();
          });
    }
    awaitZero(inside);
    end.countDown();

    assertTrue(done.tryAcquire(1000, SOON.toSeconds(), TimeUnit.SECONDS));
    assertEquals(0, platform.get());
  }

  @Test
  void closingInterruptsWhatRunsAndRunsNothingThatWaits() throws Exception {
    List<Turns> all =
        List.of(threads.turns(function("a", false)), threads.turns(function("b", true)));
    CountDownLatch inside = new CountDownLatch(3);
    AtomicInteger interrupted = new AtomicInteger();
    AtomicInteger late = new AtomicInteger();
    Runnable endless =
        () -> {
          inside.countDown();
          try {
            new CountDownLatch(1).await();
          } catch (InterruptedException e) {
            interrupted.incrementAndGet();
          }
        };
    all.get(0).execute(endless);
    all.get(0).execute(endless);
    all.get(1).execute(endless);
    awaitZero(inside);
    all.get(0).execute(late::incrementAndGet);

    threads.close();

    all.forEach(each -> each.execute(late::incrementAndGet));
    assertEquals(3, interrupted.get());
    assertEquals(0, late.get());
    assertEquals(0, threads.count());
  }

  @Test
  void aThreadThatDiesOfABugIsReplaced() throws Exception {
    Turns turns = threads.turns(function("f", false));
    List<String> died = new ArrayList<>();
    CountDownLatch told = new CountDownLatch(5);
    Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
    Thread.setDefaultUncaughtExceptionHandler(
        (thread, bug) -> {
          synchronized (died) {
            died.add(bug.getMessage());
          }
          told.countDown();
        });
    try {
      for (int i = 0; i < 5; i++) {
        turns.execute(
            () -> {
              throw new IllegalStateException("a bug");
            });
      }
      CountDownLatch ran = new CountDownLatch(2);
      turns.execute(ran::countDown);
      turns.execute(ran::countDown);
      awaitZero(ran);
      awaitZero(told);
    } finally {
      Thread.setDefaultUncaughtExceptionHandler(before);
    }
  }

  private void keep(CountDownLatch inside) {
    inside.countDown();
    try {
      end.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void sleepLong() {
    try {
      Thread.sleep(Duration.ofNanos(2 * Rota.LONG_NANOS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void awaitZero(CountDownLatch latch) throws InterruptedException {
    assertTrue(latch.await(SOON.toSeconds(), TimeUnit.SECONDS));
  }

  private static Function function(String name, boolean waits) {
    return new Function() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public boolean waits() {
        return waits;
      }

      @Override
      public int concurrency() {
        return 1;
      }

      @Override
      public Invocation.Result invoke(Invocation invocation) {
        throw new IllegalStateException("nobody invokes it");
      }
    };
  }
}
