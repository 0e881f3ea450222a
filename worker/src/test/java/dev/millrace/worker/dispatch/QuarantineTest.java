package dev.millrace.worker.dispatch;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.abi.Event;
import dev.millrace.abi.Message;
import dev.millrace.triggers.Intake;
import dev.millrace.triggers.Publisher;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** One suspect at a time, and none that sleeps for ever. */
class QuarantineTest {

  private static final int ROUNDS = 3_000;
  private static final int SUSPECTS = 6;
  private static final int THREADS = 4;

  private final AtomicInteger inside = new AtomicInteger();
  private final AtomicInteger mostInside = new AtomicInteger();
  private final AtomicInteger settled = new AtomicInteger();

  @Test
  void wakesAllWhoWaitForTheFirstMayNotNeedIt() {
    Quarantine quarantine = new Quarantine();
    List<String> woken = new ArrayList<>();
    assertTrue(quarantine.enter(() -> woken.add("a")));
    assertFalse(quarantine.enter(() -> woken.add("b"))); // and is released meanwhile
    assertFalse(quarantine.enter(() -> woken.add("c")));

    quarantine.leave();

    assertEquals(List.of("b", "c"), woken);
    assertTrue(quarantine.enter(() -> {}));
  }

  /**
   * Asking before waiting makes this fail: one suspect leaves after another was refused and before
   * that one waits, and so wakes nobody.
   */
  @Test
  void losesNoWakeUpWhileOneEntersAndAnotherLeaves() {
    try (ExecutorService workers = Executors.newFixedThreadPool(THREADS);
        SystemTimer timer = new SystemTimer()) {
      Dispatcher dispatcher =
          new Dispatcher(
              new Surroundings(
                  workers,
                  timer,
                  Clock.systemUTC(),
                  () -> ThreadLocalRandom.current().nextLong(),
                  DispatchListener.NONE,
                  new AllAreSuspects(),
                  OnceKeys.inMemory(),
                  1),
              Map.of());
      Intake intake = dispatcher.intake(policy());
      try {
        for (int round = 0; round < ROUNDS; round++) {
          int before = settled.get();
          for (int suspect = 0; suspect < SUSPECTS; suspect++) {
            assertTrue(
                intake.offer(
                    OneTrigger.event(round + "-" + suspect),
                    null,
                    (event, settlement) -> settled.incrementAndGet()));
          }
          await()
              .alias("a suspect sleeps, in round " + round)
              .pollDelay(Duration.ZERO)
              .pollInterval(Duration.ofNanos(50_000))
              .atMost(Duration.ofSeconds(20))
              .until(() -> settled.get() == before + SUSPECTS);
        }
      } finally {
        dispatcher.drain(); // who sleeps is released
      }
    }
    assertEquals(1, mostInside.get(), "suspects that ran at once");
  }

  private TriggerPolicy policy() {
    return new TriggerPolicy(
        "t",
        new Brief(),
        Bounds.DEFAULT,
        RetryPolicy.DEFAULT,
        Optional.empty(),
        new NoPublisher(),
        new Keeping(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty()));
  }

  private final class Brief implements Function {
    @Override
    public String name() {
      return "f";
    }

    @Override
    public int concurrency() {
      return THREADS;
    }

    @Override
    public Invocation.Result invoke(Invocation invocation) {
      mostInside.accumulateAndGet(inside.incrementAndGet(), Math::max);
      try {
        return new Invocation.Result(OneTrigger.DONE, "v", Duration.ZERO, "");
      } finally {
        inside.decrementAndGet();
      }
    }
  }

  private static final class AllAreSuspects implements CrashRecord {
    @Override
    public int crashes(String trigger, Event event) {
      return 1;
    }

    @Override
    public Note begins(String trigger, Event event) {
      return Note.NONE;
    }

    @Override
    public void settled(String trigger, Event event) {}
  }

  private static final class NoPublisher implements Publisher {
    @Override
    public CompletionStage<Void> publish(List<Message> messages) {
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public void close() {}
  }
}
