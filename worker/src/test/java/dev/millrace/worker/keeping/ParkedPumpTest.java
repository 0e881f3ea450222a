package dev.millrace.worker.keeping;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.abi.Event;
import dev.millrace.abi.Message;
import dev.millrace.triggers.DeadLetter;
import dev.millrace.triggers.FailureKind;
import dev.millrace.triggers.Publisher;
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
import dev.millrace.worker.dispatch.Workers;
import dev.millrace.worker.store.ParkedRetries;
import dev.millrace.worker.store.SqliteStore;
import dev.millrace.worker.store.Store;
import dev.millrace.worker.store.StoreOptions;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Retries on their way back from the store; events run on the test's own thread. */
class ParkedPumpTest {

  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

  @TempDir private Path directory;

  private final Clock clock = Clock.fixed(NOW, ZoneOffset.UTC);
  private final List<Runnable> tasks = new ArrayList<>();
  private final List<String> ran = new ArrayList<>();
  private Store store;
  private Dispatcher dispatcher;
  private ParkedPump pump;

  @BeforeEach
  void open() {
    store = SqliteStore.open(directory.resolve("store.db"), StoreOptions.DEFAULT);
    dispatcher =
        new Dispatcher(
            new Surroundings(
                Workers.on(tasks::add),
                (delay, task) -> {},
                clock,
                new Random(1),
                DispatchListener.NONE,
                CrashRecord.NONE,
                OnceKeys.inMemory(),
                1),
            Map.of());
    dispatcher.intake(policy("free", 100));
    dispatcher.intake(policy("busy", 1));
    pump = new ParkedPump(store, dispatcher, clock);
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void runsWhatIsDueAndForgetsItAfterItsSettlement() {
    park("free", "due", NOW);
    park("free", "later", NOW.plusSeconds(1));

    pump.bringBackWhatIsDue();
    assertEquals(Map.of("free", 2L), store.parked().countByTrigger(), "kept until it is settled");
    runAll();

    assertEquals(List.of("due"), ran);
    assertEquals(Map.of("free", 1L), afterWrites());
  }

  @Test
  void aTriggerWithoutRoomKeepsNobodyElseWaiting() {
    park("busy", "first", NOW.minusSeconds(3));
    park("busy", "held", NOW.minusSeconds(2));
    park("free", "goes on", NOW.minusSeconds(1));

    pump.bringBackWhatIsDue();
    runAll();
    assertEquals(List.of("first", "goes on"), ran);

    pump.bringBackWhatIsDue();
    runAll();
    assertEquals(List.of("first", "goes on", "held"), ran);
  }

  @Test
  void keepsARetryWhoseTriggerIsNotInTheManifest() {
    for (int i = 0; i < 150; i++) {
      park("gone", "e" + i, NOW);
    }
    park("free", "goes on", NOW);

    pump.bringBackWhatIsDue();
    runAll();

    assertEquals(List.of("goes on"), ran);
    assertEquals(Map.of("gone", 150L), afterWrites());
  }

  @Test
  void aDeadLetterLeavesTheStoreOnceItsReplayHasSucceeded() {
    DeadLetter letter =
        new DeadLetter(
            "free/a",
            event("a"),
            "free",
            "f",
            "",
            FailureKind.TRAP,
            "unreachable",
            NOW,
            NOW,
            List.of(),
            1);
    store.deadLetters().store(letter).toCompletableFuture().join();
    park("free", "a", NOW);

    pump.bringBackWhatIsDue();
    assertTrue(store.deadLetters().find("free/a").isPresent(), "kept while its replay runs");
    runAll();

    afterWrites();
    assertEquals(Optional.empty(), store.deadLetters().find("free/a"));
  }

  private void park(String trigger, String event, Instant due) {
    store
        .parked()
        .park(
            new ParkedRetries.Parked(
                trigger + "/" + event, event(event), trigger, "f", 1, NOW, due, List.of()))
        .toCompletableFuture()
        .join();
  }

  /** Waits for the writes before it: the store commits in order. */
  private Map<String, Long> afterWrites() {
    store.parked().remove("nobody").toCompletableFuture().join();
    return store.parked().countByTrigger();
  }

  private void runAll() {
    while (!tasks.isEmpty()) {
      tasks.remove(0).run();
    }
  }

  private static DetachedEvent event(String id) {
    return DetachedEvent.of(id, "test", "test", NOW, "x");
  }

  private TriggerPolicy policy(String trigger, int room) {
    return new TriggerPolicy(
        trigger,
        new Succeeding(),
        Bounds.DEFAULT,
        RetryPolicy.DEFAULT.withWaiting(new Bounds(room, 1 << 20)),
        Optional.empty(),
        new Silent(),
        Keeping.deadLetters(store.deadLetters()));
  }

  private final class Succeeding implements Function {
    @Override
    public String name() {
      return "f";
    }

    @Override
    public int concurrency() {
      return 1;
    }

    @Override
    public Invocation.Result invoke(Invocation invocation) {
      Event event = invocation.event();
      ran.add(event.id());
      return new Invocation.Result(new Outcome.Succeeded(null, List.of()), "v", Duration.ZERO, "");
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
