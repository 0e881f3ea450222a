package dev.millrace.worker.keeping;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.abi.Message;
import dev.millrace.triggers.FailureKind;
import dev.millrace.triggers.Intake;
import dev.millrace.triggers.Publisher;
import dev.millrace.triggers.Settlement;
import dev.millrace.worker.dispatch.Bounds;
import dev.millrace.worker.dispatch.CrashRecord;
import dev.millrace.worker.dispatch.DispatchListener;
import dev.millrace.worker.dispatch.Dispatcher;
import dev.millrace.worker.dispatch.Function;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.dispatch.Keeping;
import dev.millrace.worker.dispatch.OnceKeys;
import dev.millrace.worker.dispatch.Outcome;
import dev.millrace.worker.dispatch.RetryPolicy;
import dev.millrace.worker.dispatch.Surroundings;
import dev.millrace.worker.dispatch.TriggerPolicy;
import dev.millrace.worker.store.SqliteStore;
import dev.millrace.worker.store.Store;
import dev.millrace.worker.store.StoreOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys that fail, wait in a real store, and go on in order. */
class KeyDrainTest {

  @TempDir Path directory;

  private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final List<String> ran = new CopyOnWriteArrayList<>();
  private final Set<String> rejected = ConcurrentHashMap.newKeySet();
  private final Map<String, Settlement> settled = new ConcurrentHashMap<>();
  private Store store;
  private Dispatcher dispatcher;
  private Intake intake;
  private KeyDrain drain;

  @BeforeEach
  void open() {
    store = SqliteStore.open(directory.resolve("store.db"), StoreOptions.DEFAULT);
    dispatcher =
        new Dispatcher(
            new Surroundings(
                tasks::add,
                (delay, task) -> {},
                InstantSource.system(),
                new Random(1),
                DispatchListener.NONE,
                CrashRecord.NONE,
                OnceKeys.inMemory(),
                1),
            Map.of());
    intake =
        dispatcher.intake(
            new TriggerPolicy(
                "t",
                new Judging(),
                Bounds.DEFAULT,
                RetryPolicy.DEFAULT,
                Optional.empty(),
                new Silent(),
                new Keeping(
                    Optional.of(store.deadLetters()),
                    Optional.empty(),
                    Optional.of(new KnownKeys("t", store.keyQueues(), InstantSource.system())),
                    Optional.empty())));
    drain = new KeyDrain(store.keyQueues(), dispatcher);
  }

  @AfterEach
  void close() {
    drain.close();
    store.close();
  }

  @Test
  void laterEventsOfAFailedKeyWaitAndOthersGoOn() {
    failA1();
    offer("a2", "a");
    offer("b1", "b");
    offer("a3", "a");
    await(() -> settled.size() == 4);

    assertEquals(List.of("a1", "b1"), ran);
    assertEquals(Settlement.PARKED, settled.get("a2"));
    assertEquals(2, store.keyQueues().list(10).get(0).queued());
    drain.drainFreed();
    runAll();
    assertEquals(List.of("a1", "b1"), ran, "the dead letter is still there");
    assertEquals(1, drain.parkedKeys("t"));
  }

  @Test
  void theyGoOnInOrderOnceTheDeadLetterHasLeft() {
    failA1();
    offer("a2", "a");
    offer("a3", "a");
    await(() -> settled.size() == 3);
    discard("t/a1");

    drainUntilNothingIsParked();
    offer("a4", "a");
    await(() -> settled.get("a4") == Settlement.DONE);

    assertEquals(List.of("a1", "a2", "a3", "a4"), ran);
    drain.drainFreed();
    assertEquals(0, drain.parkedKeys("t"));
  }

  @Test
  void newEventsQueueWhileTheQueueIsDrained() {
    failA1();
    offer("a2", "a");
    await(() -> settled.containsKey("a2"));
    discard("t/a1");

    drain.drainFreed();
    offer("a3", "a");
    await(() -> settled.containsKey("a3"));
    assertEquals(Settlement.PARKED, settled.get("a3"));
    drainUntilNothingIsParked();

    assertEquals(List.of("a1", "a2", "a3"), ran);
  }

  @Test
  void anotherFailureParksTheKeyAgain() {
    failA1();
    rejected.add("a3");
    offer("a2", "a");
    offer("a3", "a");
    offer("a4", "a");
    await(() -> settled.size() == 4);
    discard("t/a1");

    await(
        () -> {
          drain.drainFreed();
          return store.deadLetters().find("t/a3").isPresent()
              && store.keyQueues().list(10).get(0).queued() == 1;
        });
    drain.drainFreed();
    runAll();
    assertEquals(List.of("a1", "a2", "a3"), ran);
    assertEquals("t/a3", store.keyQueues().list(10).get(0).letterId());

    discard("t/a3");
    drainUntilNothingIsParked();
    assertEquals(List.of("a1", "a2", "a3", "a4"), ran);
  }

  @Test
  void aParkedKeyOutlivesTheWorker() {
    failA1();
    offer("a2", "a");
    await(() -> settled.containsKey("a2"));
    close();
    settled.clear();
    open();

    offer("a3", "a");
    await(() -> settled.get("a3") == Settlement.PARKED);
    discard("t/a1");
    drainUntilNothingIsParked();

    assertEquals(List.of("a1", "a2", "a3"), ran);
  }

  @Test
  void anEventThatComesTwiceIsQueuedOnce() {
    failA1();
    offer("a2", "a");
    offer("a2", "a");
    offer("a3", "a");
    await(() -> settled.containsKey("a3"));
    discard("t/a1");
    drainUntilNothingIsParked();

    assertEquals(List.of("a1", "a2", "a3"), ran);
  }

  private void failA1() {
    rejected.add("a1");
    offer("a1", "a");
    await(() -> settled.get("a1") == Settlement.DEAD_LETTERED);
    rejected.clear();
  }

  private void offer(String id, String lane) {
    assertTrue(
        intake.offer(
            DetachedEvent.of(id, "test", "test", Instant.EPOCH, "x"),
            lane,
            (event, settlement) -> settled.put(id, settlement)));
    runAll();
  }

  private void discard(String letter) {
    store.deadLetters().remove(List.of(letter)).toCompletableFuture().join();
  }

  private void drainUntilNothingIsParked() {
    await(
        () -> {
          drain.drainFreed();
          return store.keyQueues().list(10).isEmpty() && dispatcher.idle();
        });
  }

  private void await(java.util.function.BooleanSupplier condition) {
    Awaitility.await()
        .pollInterval(Duration.ofMillis(5))
        .until(
            () -> {
              runAll();
              return condition.getAsBoolean();
            });
  }

  private void runAll() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  private final class Judging implements Function {
    @Override
    public String name() {
      return "f";
    }

    @Override
    public int concurrency() {
      return 4;
    }

    @Override
    public Invocation.Result invoke(Invocation invocation) {
      String id = invocation.event().id();
      ran.add(id);
      Outcome outcome =
          rejected.contains(id)
              ? Outcome.Failed.of(FailureKind.REJECTED, "never")
              : new Outcome.Succeeded(null, List.of());
      return new Invocation.Result(outcome, "v", Duration.ZERO, "");
    }
  }

  private static final class Silent implements Publisher {
    @Override
    public CompletionStage<Void> publish(List<Message> messages) {
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public void close() {}
  }
}
