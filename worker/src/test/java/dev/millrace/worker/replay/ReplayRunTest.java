package dev.millrace.worker.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.abi.Message;
import dev.millrace.triggers.DeadLetter;
import dev.millrace.triggers.FailureKind;
import dev.millrace.triggers.PublishException;
import dev.millrace.triggers.Publisher;
import dev.millrace.triggers.redis.PubSubOptions;
import dev.millrace.worker.dispatch.Bounds;
import dev.millrace.worker.dispatch.RetryPolicy;
import dev.millrace.worker.manifest.TriggerSpec;
import dev.millrace.worker.store.DeadLetters;
import dev.millrace.worker.store.DeadLetters.Filter;
import dev.millrace.worker.store.DeadLetters.Quarantine;
import dev.millrace.worker.store.DeadLetters.Summary;
import dev.millrace.worker.store.ParkedRetries;
import dev.millrace.worker.store.Replays.Replay;
import dev.millrace.worker.store.Replays.State;
import dev.millrace.worker.store.Replays.Target;
import dev.millrace.worker.store.SqliteStore;
import dev.millrace.worker.store.Store;
import dev.millrace.worker.store.StoreOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Replays worked off a step at a time, on a real store; the test is the worker that runs what was
 * handed out. Not blocking a lane whose letter is under way makes {@code
 * keepsTheOrderOfEachKeyWhateverFailsAndWhereverItIsCutOff} fail.
 */
class ReplayRunTest {

  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

  @TempDir private Path directory;

  private final ManualClock clock = new ManualClock();
  private final Sent sent = new Sent();
  private Store store;
  private ReplayPump pump;

  @BeforeEach
  void open() {
    store = SqliteStore.open(directory.resolve("store.db"), StoreOptions.DEFAULT);
    pump = newPump();
  }

  @AfterEach
  void close() {
    store.close();
  }

  private ReplayPump newPump() {
    return new ReplayPump(
        new ReplaySurroundings(
            store,
            Set.of("t", "u"),
            new ReturnToSource(Map.of("t", pubSub())),
            sent,
            clock,
            () -> {}));
  }

  @Test
  void handsOutOneLetterOfAKeyAtATimeOldestFirst() {
    letter("t", "1", "a");
    letter("t", "2", "a");
    letter("t", "3", "b");
    letter("u", "4", "a");
    letter("t", "5", null);
    letter("t", "6", null);
    start(Filter.ALL, Target.FUNCTION, Duration.ZERO);

    pump.step();
    assertEquals(Set.of("t/1", "t/3", "u/4", "t/5", "t/6"), parked());

    pump.step();
    assertEquals(Set.of("t/1", "t/3", "u/4", "t/5", "t/6"), parked(), "t/2 waits for t/1");

    succeed("t/1");
    pump.step();
    assertTrue(parked().contains("t/2"));
  }

  @Test
  void aLetterThatFailsAgainLetsTheNextOfItsKeyGoAndIsCounted() {
    letter("t", "1", "a");
    letter("t", "2", "a");
    String id = start(Filter.ALL, Target.FUNCTION, Duration.ZERO);
    pump.step();

    failAgain("t/1");
    pump.step();
    assertEquals(Set.of("t/2"), parked());
    succeed("t/2");
    pump.step();

    Replay replay = replay(id);
    assertEquals(State.DONE, replay.state());
    assertEquals(1, replay.progress().left());
    assertEquals(1, replay.progress().failed());
    assertEquals(1, only().replays());
  }

  @Test
  void keepsToItsRate() {
    for (int i = 0; i < 10; i++) {
      letter("t", "" + i, null);
    }
    start(Filter.ALL, Target.FUNCTION, Duration.ofMillis(500));

    pump.step();
    assertEquals(1, parked().size());
    clock.advance(Duration.ofMillis(499));
    pump.step();
    assertEquals(1, parked().size());
    clock.advance(Duration.ofMillis(1));
    pump.step();
    assertEquals(2, parked().size());
    clock.advance(Duration.ofMinutes(1));
    pump.step();
    assertEquals(5, parked().size(), "what was missed is made up for one second at most");
  }

  @Test
  void replaysOnlyWhatHadFailedWhenItWasAskedFor() {
    letter("t", "1", null);
    start(Filter.ALL, Target.FUNCTION, Duration.ZERO);
    letter("t", "2", null);

    pump.step();

    assertEquals(Set.of("t/1"), parked());
  }

  @Test
  void leavesOutTheQuarantineUnlessAskedForIt() {
    letter("t", "1", null);
    letter("t", "2", null);
    for (int i = 0; i < 3; i++) {
      await(store.deadLetters().markReplayed("t/1", NOW, "earlier"));
    }
    assertTrue(summary("t/1").quarantined());
    start(Filter.ALL.with(Quarantine.NONE), Target.FUNCTION, Duration.ZERO);
    pump.step();
    assertEquals(Set.of("t/2"), parked());
    succeed("t/2");
    pump.step();

    start(Filter.ALL.with(Quarantine.ONLY), Target.FUNCTION, Duration.ZERO);
    pump.step();
    assertEquals(Set.of("t/1"), parked());
  }

  @Test
  void runsReplaysOneAfterTheOther() {
    letter("t", "1", "a");
    letter("t", "2", "a");
    start(Filter.ofNumbers(List.of(summary("t/1").number())), Target.FUNCTION, Duration.ZERO);
    clock.advance(Duration.ofSeconds(1));
    start(Filter.ofNumbers(List.of(summary("t/2").number())), Target.FUNCTION, Duration.ZERO);

    pump.step();
    pump.step();
    assertEquals(Set.of("t/1"), parked());
    succeed("t/1");
    pump.step();
    pump.step();
    assertEquals(Set.of("t/2"), parked());
  }

  @Test
  void aReplayThatWasCancelledHandsOutNothingMoreAndTheNextOneKeepsTheOrder() {
    letter("t", "1", "a");
    letter("t", "2", "a");
    letter("t", "3", "b");
    String first =
        start(Filter.ofNumbers(numbers("t/1", "t/3")), Target.FUNCTION, Duration.ofHours(1));
    pump.step();
    assertEquals(Set.of("t/1"), parked());
    assertTrue(await(store.replays().cancel(first, clock.instant())));
    assertFalse(await(store.replays().cancel(first, clock.instant())));
    clock.advance(Duration.ofHours(2));
    pump.step();
    assertEquals(Set.of("t/1"), parked());

    start(Filter.ALL, Target.FUNCTION, Duration.ZERO);
    pump.step();
    pump.step();
    assertEquals(Set.of("t/1", "t/3"), parked(), "t/2 waits for t/1, which runs on");
  }

  @Test
  void skipsALetterWhoseTriggerIsGone() {
    letter("gone", "1", null);
    letter("t", "2", null);
    String id = start(Filter.ALL, Target.FUNCTION, Duration.ZERO);

    pump.step();
    succeed("t/2");
    pump.step();

    Replay replay = replay(id);
    assertEquals(State.DONE, replay.state());
    assertEquals(1, replay.progress().skipped());
    assertTrue(replay.progress().trouble().contains("no trigger 'gone'"));
    assertEquals("gone/1", only().id());
  }

  @Test
  void replaysTheEditedEvent() {
    letter("t", "1", null);
    DetachedEvent edited = event("1", null, "edited");
    assertTrue(await(store.deadLetters().edit("t/1", edited)));
    start(Filter.ALL, Target.FUNCTION, Duration.ZERO);

    pump.step();

    ParkedRetries.Parked parked = store.parked().list(Optional.empty(), 1).getFirst();
    assertEquals("edited", new String(parked.event().data(), StandardCharsets.UTF_8));
    assertFalse(await(store.deadLetters().edit("t/1", edited)), "not while it is under way");
  }

  @Test
  void sendsToTheSourceInTheOrderOfTheKeyAndRemovesWhatIsConfirmed() {
    letter("t", "1", "a");
    letter("t", "2", "a");
    letter("u", "3", "a");
    String id = start(Filter.ALL, Target.SOURCE, Duration.ZERO);

    pump.step();
    assertEquals(List.of("cache/channel:news=data of 1"), sent.texts());
    assertTrue(store.deadLetters().find("t/1").isPresent(), "kept until it is confirmed");

    sent.confirm();
    pump.step();
    assertFalse(store.deadLetters().find("t/1").isPresent());
    assertEquals("cache/channel:news=data of 2", sent.texts().getLast());
    sent.confirm();
    pump.step();

    assertEquals(State.DONE, replay(id).state());
    assertEquals(2, replay(id).progress().left());
    assertEquals(1, replay(id).progress().skipped(), "no way back for trigger u");
    assertEquals("u/3", only().id());
  }

  @Test
  void waitsForASourceThatDoesNotConfirmAndSkipsWhatItWillNeverTake() {
    letter("t", "1", "a");
    String id = start(Filter.ALL, Target.SOURCE, Duration.ZERO);
    pump.step();

    sent.fail(PublishException.transientFailure("away", new IllegalStateException()));
    pump.step();
    assertEquals("waiting: away", replay(id).progress().trouble());
    pump.step();
    assertEquals(1, sent.texts().size(), "not at once");
    clock.advance(Duration.ofSeconds(2));
    pump.step();
    assertEquals(2, sent.texts().size());
    assertEquals("", replay(id).progress().trouble());

    sent.fail(PublishException.permanent("too large", new IllegalStateException()));
    pump.step();
    assertEquals(1, replay(id).progress().skipped());
    assertEquals("t/1", only().id());
  }

  @Test
  void anotherWorkerGoesOnWhenTheLeaseIsOver() {
    letter("t", "1", null);
    letter("t", "2", null);
    start(Filter.ALL, Target.FUNCTION, Duration.ofSeconds(10));
    pump.step();
    ReplayPump other = newPump();

    assertFalse(other.step(), "the first one has it");
    clock.advance(ReplayPump.LEASE.plusMillis(1));
    assertTrue(other.step());
    assertEquals(Set.of("t/1", "t/2"), parked());
    assertTrue(pump.step());
    assertFalse(pump.step(), "it learns that it has lost it");
  }

  @Test
  void keepsTheOrderOfEachKeyWhateverFailsAndWhereverItIsCutOff() {
    long seed = Long.getLong("seed", new Random().nextLong());
    System.out.println("ReplayRunTest seed " + seed);
    Random random = new Random(seed);
    int count = 300;
    for (int i = 0; i < count; i++) {
      letter("t", String.format("%03d", i), "k" + random.nextInt(12));
    }
    String id = start(Filter.ALL.with(Quarantine.NONE), Target.FUNCTION, Duration.ZERO);
    Map<String, Integer> last = new HashMap<>();
    Set<String> handled = new TreeSet<>();
    Set<String> failed = new TreeSet<>();
    for (int i = 0; i < 20_000 && replay(id).state() == State.RUNNING; i++) {
      pump.step();
      if (random.nextInt(20) == 0) {
        pump = newPump(); // killed: nothing but the store is left
        clock.advance(ReplayPump.LEASE.plusMillis(1));
      }
      List<ParkedRetries.Parked> parked = store.parked().list(Optional.empty(), 1000);
      Set<String> keys = new TreeSet<>();
      for (ParkedRetries.Parked each : parked) {
        assertTrue(keys.add(key(each)), "two of one key are under way, seed " + seed);
      }
      for (ParkedRetries.Parked each : parked) {
        if (random.nextInt(3) == 0) {
          int number = Integer.parseInt(each.event().id());
          Integer before = last.put(key(each), number);
          assertTrue(before == null || before < number, "out of order, seed " + seed);
          assertTrue(handled.add(each.id()), "ran twice, seed " + seed);
          if (random.nextInt(4) == 0) {
            failAgain(each.id());
            failed.add(each.id());
          } else {
            succeed(each.id());
          }
        }
      }
    }

    assertEquals(State.DONE, replay(id).state(), "seed " + seed);
    assertEquals(count, handled.size(), "seed " + seed);
    assertEquals(failed.size(), store.deadLetters().count(Filter.ALL), "seed " + seed);
    assertEquals(failed.size(), replay(id).progress().failed(), "seed " + seed);
    assertEquals(count - failed.size(), replay(id).progress().left(), "seed " + seed);
  }

  private static String key(ParkedRetries.Parked parked) {
    return new String(parked.event().key(), StandardCharsets.UTF_8);
  }

  private String start(Filter filter, Target target, Duration interval) {
    String id = "r" + clock.instant().toEpochMilli() + target + filter.quarantine();
    List<Summary> chosen = store.deadLetters().inOrder(filter, 0, 1000);
    await(
        store
            .replays()
            .start(
                Replay.of(
                    id,
                    filter,
                    target,
                    interval,
                    chosen.getLast().number(),
                    chosen.size(),
                    clock.instant())));
    return id;
  }

  private Replay replay(String id) {
    return store.replays().list(100).stream().filter(r -> r.id().equals(id)).findFirst().get();
  }

  private void letter(String trigger, String id, String key) {
    await(store.deadLetters().store(deadLetter(trigger, event(id, key, "data of " + id))));
  }

  private static DeadLetter deadLetter(String trigger, DetachedEvent event) {
    return new DeadLetter(
        trigger + "/" + event.id(),
        event,
        trigger,
        "f",
        "v",
        FailureKind.TRAP,
        "unreachable",
        NOW,
        NOW,
        List.of(),
        1);
  }

  private static DetachedEvent event(String id, String key, String data) {
    return DetachedEvent.of(id, "redis:news", "test", NOW, data)
        .withExtensions(Map.of("redischannel", "news"))
        .withKey(key == null ? null : key.getBytes(StandardCharsets.UTF_8));
  }

  private List<Long> numbers(String... ids) {
    List<Long> numbers = new ArrayList<>();
    for (String id : ids) {
      numbers.add(summary(id).number());
    }
    return numbers;
  }

  private Summary summary(String id) {
    return store.deadLetters().find(id).orElseThrow().summary();
  }

  private Summary only() {
    List<Summary> all = store.deadLetters().list(Filter.ALL, 10);
    assertEquals(1, all.size());
    return all.getFirst();
  }

  private Set<String> parked() {
    Set<String> ids = new TreeSet<>();
    store.parked().list(Optional.empty(), 1000).forEach(parked -> ids.add(parked.id()));
    return ids;
  }

  /** As the worker does it when a replayed event has succeeded. */
  private void succeed(String id) {
    await(store.deadLetters().remove(List.of(id)));
    await(store.parked().remove(id));
  }

  /** As the worker does it when a replayed event has failed for good again. */
  private void failAgain(String id) {
    DeadLetters.Stored stored = store.deadLetters().find(id).orElseThrow();
    await(
        store.deadLetters().store(deadLetter(stored.letter().trigger(), stored.letter().event())));
    await(store.parked().remove(id));
  }

  private static <T> T await(CompletionStage<T> stage) {
    return stage.toCompletableFuture().join();
  }

  private static TriggerSpec pubSub() {
    return new TriggerSpec(
        "t",
        new TriggerSpec.Source.PubSub("cache", PubSubOptions.of(List.of("news"), List.of())),
        "f",
        RetryPolicy.DEFAULT,
        new Bounds(1, 1),
        Optional.empty(),
        new TriggerSpec.DeadLetterTo.Store(),
        TriggerSpec.Keep.DEFAULT);
  }

  /** Time that stands still until the test moves it. */
  private static final class ManualClock extends Clock {
    private Instant now = NOW;

    void advance(Duration by) {
      now = now.plus(by);
    }

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      throw new UnsupportedOperationException();
    }
  }

  /** A publisher whose confirmations the test gives. */
  private static final class Sent implements Publisher {
    private final List<Message> messages = new ArrayList<>();
    private CompletableFuture<Void> answer = new CompletableFuture<>();

    @Override
    public CompletionStage<Void> publish(List<Message> some) {
      messages.addAll(some);
      answer = new CompletableFuture<>();
      return answer;
    }

    void confirm() {
      answer.complete(null);
    }

    void fail(Throwable cause) {
      answer.completeExceptionally(cause);
    }

    List<String> texts() {
      return messages.stream()
          .map(m -> m.to() + "=" + new String(m.data(), StandardCharsets.UTF_8))
          .toList();
    }

    @Override
    public void close() {}
  }
}
