package dev.millrace.worker.dispatch;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.abi.Message;
import dev.millrace.triggers.FailureKind;
import dev.millrace.triggers.Intake;
import dev.millrace.triggers.Publisher;
import dev.millrace.triggers.Settlement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Real threads: several offer to one intake, several run, some attempts fail. */
class DispatcherStressTest {

  private static final int PRODUCERS = 4;
  private static final int EVENTS_EACH = 5_000;
  private static final int LANES = 50;
  private static final int CONCURRENCY = 3;

  private final Map<String, Integer> settlements = new ConcurrentHashMap<>();
  private final Map<String, Integer> latestOfLane = new ConcurrentHashMap<>();
  private final AtomicInteger running = new AtomicInteger();
  private final AtomicInteger mostRunning = new AtomicInteger();
  private final AtomicInteger orderLost = new AtomicInteger();

  @Test
  void settlesEachEventOnceAndKeepsTheOrderOfLanes() throws Exception {
    try (ExecutorService workers = Executors.newFixedThreadPool(4);
        SystemTimer timer = new SystemTimer()) {
      Dispatcher dispatcher =
          new Dispatcher(
              new Surroundings(
                  workers,
                  timer,
                  Clock.systemUTC(),
                  () -> ThreadLocalRandom.current().nextLong(),
                  DispatchListener.NONE,
                  CrashRecord.NONE,
                  OnceKeys.inMemory(),
                  64),
              Map.of());
      Intake intake = dispatcher.intake(policy());

      CountDownLatch offered = new CountDownLatch(PRODUCERS);
      for (int producer = 0; producer < PRODUCERS; producer++) {
        int number = producer;
        Thread.ofPlatform()
            .start(
                () -> {
                  produce(intake, number);
                  offered.countDown();
                });
      }
      assertTrue(offered.await(2, TimeUnit.MINUTES), "all events were offered");
      await().atMost(Duration.ofMinutes(2)).until(dispatcher::idle);

      assertEquals(PRODUCERS * EVENTS_EACH, settlements.size());
      assertTrue(settlements.values().stream().allMatch(count -> count == 1));
      assertEquals(0, orderLost.get(), "events that ran after a later one of their lane");
      assertTrue(mostRunning.get() <= CONCURRENCY, "ran at once: " + mostRunning.get());
      Conservation account = dispatcher.conservation("t");
      assertTrue(account.holds(), account.toString());
      assertEquals(PRODUCERS * EVENTS_EACH, account.succeeded());
    }
  }

  private void produce(Intake intake, int producer) {
    for (int i = 0; i < EVENTS_EACH; i++) {
      // A lane belongs to one producer, so that its order is known.
      String lane = producer + "-" + i % LANES;
      DetachedEvent event =
          DetachedEvent.of(producer + "/" + i, lane, "test", Instant.EPOCH, new byte[8]);
      while (!intake.offer(event, lane, (e, s) -> settled(e.id(), s))) {
        Thread.onSpinWait();
      }
    }
  }

  private void settled(String id, Settlement settlement) {
    if (settlement == Settlement.DONE) {
      settlements.merge(id, 1, Integer::sum);
    }
  }

  private TriggerPolicy policy() {
    Function function =
        new Function() {
          @Override
          public String name() {
            return "f";
          }

          @Override
          public int concurrency() {
            return CONCURRENCY;
          }

          @Override
          public Invocation.Result invoke(Invocation invocation) {
            mostRunning.accumulateAndGet(running.incrementAndGet(), Math::max);
            try {
              return new Invocation.Result(outcome(invocation), "v", Duration.ZERO, "");
            } finally {
              running.decrementAndGet();
            }
          }
        };
    return new TriggerPolicy(
        "t",
        function,
        new Bounds(300, 1 << 20),
        RetryPolicy.of(new Tries(100, new Backoff(Duration.ofNanos(1), Duration.ofMillis(1), 2)))
            .withIdenticalTraps(0),
        Optional.empty(),
        new NoPublisher(),
        new Keeping(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty()));
  }

  private Outcome outcome(Invocation invocation) {
    if (ThreadLocalRandom.current().nextInt(20) == 0) {
      return Outcome.Failed.of(FailureKind.TRAP, "now and then");
    }
    int number =
        Integer.parseInt(
            invocation.event().id().substring(invocation.event().id().indexOf('/') + 1));
    Integer before = latestOfLane.put(invocation.event().source(), number);
    if (before != null && before >= number) {
      orderLost.incrementAndGet();
    }
    return new Outcome.Succeeded(null, List.of());
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
