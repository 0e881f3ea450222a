package dev.millrace.worker.store;

import static dev.millrace.worker.store.StoreFixtures.NOW;
import static dev.millrace.worker.store.StoreFixtures.await;
import static dev.millrace.worker.store.StoreFixtures.event;
import static dev.millrace.worker.store.StoreFixtures.letter;
import static dev.millrace.worker.store.StoreFixtures.retry;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.triggers.DeadLetter;
import dev.millrace.triggers.FailureKind;
import dev.millrace.triggers.Journal;
import dev.millrace.triggers.cron.Fire;
import dev.millrace.triggers.cron.FireLedger;
import dev.millrace.triggers.cron.FireLedger.State;
import dev.millrace.worker.store.ParkedRetries.Parked;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What replicas that share a PostgreSQL store may rely on. */
class SharedStoreIT {

  private static final StoreOptions SHORT_LEASE =
      StoreOptions.DEFAULT.withLease(Duration.ofSeconds(1));

  private final PostgresAddress address = PostgresServer.database();
  private final JdbcStore first = open(StoreOptions.DEFAULT);
  private final JdbcStore second = open(StoreOptions.DEFAULT);

  @AfterEach
  void close() {
    first.close();
    second.close();
  }

  private JdbcStore open(StoreOptions options) {
    return PostgresStore.open(address, options, Clock.systemUTC(), PostgresSchema.MIGRATIONS);
  }

  // Parked retries

  @Test
  void handsEachParkedRetryToOneReplica() throws Exception {
    List<CompletionStage<Void>> parked = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      parked.add(first.parked().park(retry("r" + i, NOW)));
    }
    parked.forEach(StoreFixtures::await);
    Set<String> taken = ConcurrentHashMap.newKeySet();
    List<String> twice = new ArrayList<>();

    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      List<Future<?>> running = new ArrayList<>();
      for (JdbcStore store : List.of(first, second)) {
        running.add(
            threads.submit(
                () -> {
                  List<Parked> due;
                  do {
                    due = store.parked().takeDue(NOW, 7);
                    for (Parked each : due) {
                      if (!taken.add(each.id())) {
                        twice.add(each.id());
                      }
                    }
                  } while (!due.isEmpty());
                }));
      }
      for (Future<?> each : running) {
        each.get();
      }
    }

    assertEquals(List.of(), twice);
    assertEquals(500, taken.size());
  }

  @Test
  void handsOutAgainWhatAReplicaHadThatLeft() {
    await(first.parked().park(retry("r", NOW)));
    assertEquals(1, first.parked().takeDue(NOW, 10).size());
    assertEquals(List.of(), second.parked().takeDue(NOW, 10));

    first.close();

    assertEquals(List.of("r"), ids(second.parked().takeDue(NOW, 10)));
  }

  @Test
  void handsOutAgainWhatAReplicaHadThatDiedOnceItsLeaseIsOver() {
    JdbcStore dying = open(SHORT_LEASE);
    await(dying.parked().park(retry("r", NOW)));
    assertEquals(1, dying.parked().takeDue(NOW, 10).size());

    dying.abandon();

    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> ids(second.parked().takeDue(NOW, 10)).equals(List.of("r")));
    assertTrue(await(second.parked().remove("r")));
  }

  @Test
  void keepsWhatALivingReplicaHasLongerThanALease() throws InterruptedException {
    JdbcStore living = open(SHORT_LEASE);
    try {
      await(living.parked().park(retry("r", NOW)));
      assertEquals(1, living.parked().takeDue(NOW, 10).size());

      Thread.sleep(2500); // two and a half leases

      assertEquals(List.of(), second.parked().takeDue(NOW, 10));
    } finally {
      living.close();
    }
  }

  @Test
  void givesARetryThatIsParkedAgainToWhoeverAsksFirst() {
    await(first.parked().park(retry("r", NOW)));
    first.parked().takeDue(NOW, 10);

    await(first.parked().park(retry("r", NOW.plusSeconds(1))));

    assertEquals(List.of("r"), ids(second.parked().takeDue(NOW.plusSeconds(1), 10)));
    assertEquals(List.of(), ids(first.parked().takeDue(NOW.plusSeconds(1), 10)));
  }

  // Journal

  @Test
  void keepsTheJournalsOfReplicasApart() {
    long ofFirst = await(first.journal().append("t", event("a")));
    long ofSecond = await(second.journal().append("t", event("b")));

    await(second.journal().remove("t", ofSecond));

    assertEquals(List.of("a"), eventIds(first.journal().read("t", 0, 10)));
    assertEquals(List.of(), eventIds(second.journal().read("t", 0, 10)));
    assertEquals(List.of(), second.journal().takeOver("t"), "its replica lives");
    await(first.journal().remove("t", ofFirst));
  }

  @Test
  void takesOverTheJournalOfAReplicaThatDiedBehindItsOwn() {
    JdbcStore dying = open(SHORT_LEASE);
    await(dying.journal().append("t", event("old 1")));
    await(dying.journal().append("t", event("old 2")));
    await(dying.journal().append("other", event("other")));
    long own = await(second.journal().append("t", event("own")));

    dying.abandon();

    List<Long> adopted = new ArrayList<>();
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> {
              adopted.addAll(second.journal().takeOver("t"));
              return adopted.size() == 2;
            });
    List<Journal.Entry> read = second.journal().read("t", own, 10);
    assertEquals(List.of("old 1", "old 2"), eventIds(read));
    assertEquals(adopted, read.stream().map(Journal.Entry::sequence).toList());
    assertEquals(List.of(), first.journal().takeOver("t"));
    long next = await(second.journal().append("t", event("next")));
    assertTrue(next > adopted.getLast(), "a later event comes later");
  }

  @Test
  void takesOverWhatIsNotFinishedOfEventsThatWereAppendedTogether() {
    JdbcStore leaving = open(StoreOptions.DEFAULT);
    List<DetachedEvent> events = IntStream.range(0, 100).mapToObj(i -> event("e" + i)).toList();
    long start = await(leaving.journal().append("t", events));
    await(leaving.journal().remove("t", LongStream.range(start + 1, start + 99).boxed().toList()));
    long own = await(second.journal().append("t", event("own")));
    leaving.close();

    List<Long> adopted = second.journal().takeOver("t");

    List<Journal.Entry> read = second.journal().read("t", own, 10);
    assertEquals(List.of("e0", "e99"), eventIds(read));
    assertEquals(adopted, read.stream().map(Journal.Entry::sequence).toList());
    assertTrue(await(second.journal().append("t", event("next"))) > adopted.getLast());
    await(second.journal().remove("t", adopted));
    assertEquals(List.of("next"), eventIds(second.journal().read("t", own, 10)));
  }

  @Test
  void letsOneReplicaTakeOverEachEvent() throws Exception {
    JdbcStore leaving = open(StoreOptions.DEFAULT);
    List<CompletionStage<Long>> appended =
        IntStream.range(0, 2000)
            .mapToObj(i -> leaving.journal().append("t", event("e" + i)))
            .toList();
    appended.forEach(StoreFixtures::await);
    leaving.close();

    int taken;
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      Future<List<Long>> one = threads.submit(() -> first.journal().takeOver("t"));
      Future<List<Long>> other = threads.submit(() -> second.journal().takeOver("t"));
      taken = one.get().size() + other.get().size();
    }

    Set<String> ids = new HashSet<>(eventIds(first.journal().read("t", 0, 10_000)));
    ids.addAll(eventIds(second.journal().read("t", 0, 10_000)));
    assertEquals(2000, ids.size());
    assertEquals(2000, taken);
  }

  // Fire ledger

  @Test
  void electsOneReplicaForEachGridTime() {
    List<CompletionStage<Boolean>> claims = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      Instant gridTime = NOW.plusSeconds(i);
      claims.add(first.fireLedger().claim("t", gridTime, State.OPEN));
      claims.add(second.fireLedger().claim("t", gridTime, State.OPEN));
    }

    for (int i = 0; i < claims.size(); i += 2) {
      assertTrue(await(claims.get(i)) ^ await(claims.get(i + 1)), "grid time " + i / 2);
    }
    assertEquals(300, first.fireLedger().open("t").size());
    assertEquals(
        300,
        first.fireLedger().takeOver("t").size() + second.fireLedger().takeOver("t").size(),
        "each has what it claimed");
  }

  @Test
  void takesOverTheOpenFiresOfAReplicaThatDied() {
    JdbcStore dying = open(SHORT_LEASE);
    FireLedger ledger = second.fireLedger();
    await(dying.fireLedger().claim("t", NOW, State.OPEN));
    await(dying.fireLedger().claim("t", NOW.plusSeconds(1), State.OPEN));
    await(dying.fireLedger().settle("t", NOW));
    assertEquals(List.of(), ledger.takeOver("t"));

    dying.abandon();

    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> ledger.takeOver("t").equals(List.of(Fire.scheduled(NOW.plusSeconds(1)))));
    assertEquals(List.of(), first.fireLedger().takeOver("t"), "taken already");
    assertEquals(Optional.of(NOW.plusSeconds(1)), ledger.latest("t"));
  }

  @Test
  void givesEachRequestedFireToOneReplicaAndTellsAllOfThem() throws Exception {
    AtomicInteger told = new AtomicInteger();
    first.fireLedger().watch("t", told::incrementAndGet);
    second.fireLedger().watch("t", told::incrementAndGet);
    List<Fire> fires =
        IntStream.range(0, 200).mapToObj(i -> Fire.backfill(NOW.plusSeconds(i))).toList();
    try (StoreView view = PostgresStore.openShared(address, StoreOptions.DEFAULT)) {
      assertEquals(200, await(view.cron().request("t", fires, false)));
      assertEquals(0, await(view.cron().request("t", fires, true)), "they are open already");
    }
    await().atMost(Duration.ofSeconds(20)).until(() -> told.get() >= 2);

    List<Fire> taken = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      Future<List<Fire>> one = threads.submit(() -> first.fireLedger().takeRequests("t", 200));
      Future<List<Fire>> other = threads.submit(() -> second.fireLedger().takeRequests("t", 200));
      taken.addAll(one.get());
      taken.addAll(other.get());
    }

    assertEquals(fires, taken.stream().sorted().toList());
  }

  @Test
  void tellsOfOpenFiresOfAReplicaThatDied() {
    JdbcStore dying = open(SHORT_LEASE);
    await(dying.fireLedger().claim("t", NOW, State.OPEN));
    AtomicInteger told = new AtomicInteger();
    second.fireLedger().watch("t", told::incrementAndGet);

    dying.abandon();

    await().atMost(Duration.ofSeconds(20)).until(() -> told.get() > 0);
  }

  // What is everybody's

  @Test
  void sharesDeadLettersAndAttempts() {
    await(first.deadLetters().store(letter("t", "1", FailureKind.TRAP)));
    first.attempts().record(StoreFixtures.entry("t", "e", 1));
    await(first.fireLedger().settle("nobody", NOW));

    try (StoreView view = PostgresStore.openShared(address, StoreOptions.DEFAULT)) {
      assertEquals(1, view.deadLetters().count(DeadLetters.Filter.ALL));
      assertEquals(1, view.attempts().recent(AttemptHistory.Filter.ALL, 10).size());
      await(view.parked().park(retry("t/1", NOW)));
    }
    assertEquals(1, second.deadLetters().count(DeadLetters.Filter.ALL));
    assertEquals(List.of("t/1"), ids(second.parked().takeDue(NOW, 10)));
  }

  @Test
  void storesTextsThatPostgresCannotHold() {
    DeadLetter letter = letter("t", "a\u0000b", FailureKind.TRAP);
    await(
        first
            .deadLetters()
            .store(
                new DeadLetter(
                    letter.id(),
                    letter.event(),
                    letter.trigger(),
                    letter.function(),
                    letter.version(),
                    letter.failure(),
                    "failed at \u0000",
                    letter.receivedAt(),
                    letter.failedAt(),
                    letter.attempts(),
                    letter.attemptCount())));
    first.attempts().record(StoreFixtures.entry("t", "e\u0000", 1));

    DeadLetters.Stored stored = second.deadLetters().find("t/a\u0000b").orElseThrow();

    assertEquals("failed at \u2400", stored.summary().error());
    assertEquals("a\u0000b", stored.letter().event().id(), "the event itself is as it was");
    assertEquals(1, await(second.deadLetters().remove(List.of("t/a\u0000b"))));
  }

  @Test
  void survivesADeadlockOfTwoReplicas() {
    for (int round = 0; round < 3; round++) {
      List<CompletionStage<?>> writes = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        writes.add(first.deadLetters().store(letter("t", "" + i, FailureKind.TRAP)));
        writes.add(second.deadLetters().store(letter("t", "" + (39 - i), FailureKind.TIMEOUT)));
      }
      writes.forEach(StoreFixtures::await);
    }

    assertEquals(40, first.deadLetters().count(DeadLetters.Filter.ALL));
    assertFalse(first.stats().trouble().isPresent());
  }

  @Test
  void countsTheRetriesThatOthersParkedAtTheNextLook() {
    await(first.parked().park(retry("t/1", NOW)));
    assertTrue(await(second.parked().park(retry("t/2", NOW), 2)), "one that it knows of");

    second.parked().recount();

    assertFalse(await(second.parked().park(retry("t/3", NOW), 2)));
  }

  // Parked keys

  @Test
  void queuesBehindAKeyThatAnotherReplicaParked() {
    await(first.keyQueues().park("t", "a", "t/1", NOW));

    assertTrue(await(second.keyQueues().appendIfParked("t", "a", event("e"), NOW)));
    assertFalse(await(second.keyQueues().appendIfParked("t", "b", event("f"), NOW)));

    assertEquals(1, first.keyQueues().oldest("t", "a", 10).size());
  }

  /** Without the revision in the key's row this loses events: they are queued behind nothing. */
  @Test
  void neverEndsAParkingWhileAnotherReplicaQueuesBehindIt() {
    for (int round = 0; round < 20; round++) {
      int keys = 50;
      List<CompletionStage<Void>> parked = new ArrayList<>();
      for (int i = 0; i < keys; i++) {
        parked.add(first.keyQueues().park("t", round + "-" + i, "t/none", NOW));
      }
      parked.forEach(StoreFixtures::await);
      List<CompletionStage<Boolean>> queued = new ArrayList<>();
      List<CompletionStage<Boolean>> ended = new ArrayList<>();
      for (int i = 0; i < keys; i++) {
        String lane = round + "-" + i;
        queued.add(first.keyQueues().appendIfParked("t", lane, event("e"), NOW));
        ended.add(second.keyQueues().unparkIfEmpty("t", lane));
      }
      for (int i = 0; i < keys; i++) {
        assertEquals(await(queued.get(i)), !await(ended.get(i)), "key " + round + "-" + i);
      }
      Set<String> left = first.keyQueues().parked("t").keySet();
      for (int i = 0; i < keys; i++) {
        String lane = round + "-" + i;
        int waiting = first.keyQueues().oldest("t", lane, 10).size();
        assertEquals(left.contains(lane) ? 1 : 0, waiting, "key " + lane);
      }
    }
  }

  @Test
  void oneReplicaDrainsAKeyAndAnotherWhenThatOneHasDied() {
    JdbcStore dying = open(SHORT_LEASE);
    await(dying.keyQueues().park("t", "a", "t/1", NOW));
    assertTrue(await(dying.keyQueues().claim("t", "a")));
    assertEquals(List.of(), second.keyQueues().freed(10));
    assertFalse(await(second.keyQueues().claim("t", "a")));

    dying.abandon();

    await().atMost(Duration.ofSeconds(20)).until(() -> second.keyQueues().freed(10).size() == 1);
    assertTrue(await(second.keyQueues().claim("t", "a")));
    assertFalse(await(first.keyQueues().claim("t", "a")));
  }

  @Test
  void aKeyThatALivingReplicaParksAgainStaysItsOwn() {
    await(first.keyQueues().park("t", "a", "t/1", NOW));
    assertTrue(await(first.keyQueues().claim("t", "a")));
    await(first.keyQueues().park("t", "a", "t/2", NOW));

    assertFalse(await(second.keyQueues().claim("t", "a")), "its failed event is still queued");
    assertTrue(await(first.keyQueues().claim("t", "a")));
  }

  @Test
  void aReplicaThatSeemedDeadLearnsThatItsKeyIsAnothers() {
    await(first.keyQueues().park("t", "a", "t/1", NOW));
    await(first.keyQueues().appendIfParked("t", "a", event("e"), NOW));
    long sequence = first.keyQueues().oldest("t", "a", 1).get(0).sequence();
    assertTrue(await(first.keyQueues().claim("t", "a")));
    assertTrue(await(first.keyQueues().holds("t", "a", sequence)));

    await(
        second
            .writer()
            .submit(
                Write.of(
                    "UPDATE replica SET alive_until = 0", Write.Order.KEPT, 10, statement -> {})));
    assertTrue(await(second.keyQueues().claim("t", "a")));

    assertFalse(await(first.keyQueues().holds("t", "a", sequence)));
    assertTrue(await(second.keyQueues().holds("t", "a", sequence)));
  }

  private static List<String> ids(List<Parked> parked) {
    return parked.stream().map(Parked::id).toList();
  }

  private static List<String> eventIds(List<Journal.Entry> entries) {
    return entries.stream().map(entry -> entry.event().id()).toList();
  }
}
