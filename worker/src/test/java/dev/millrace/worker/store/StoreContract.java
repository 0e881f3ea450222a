package dev.millrace.worker.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.abi.Header;
import dev.millrace.triggers.Attempt;
import dev.millrace.triggers.DeadLetter;
import dev.millrace.triggers.FailureKind;
import dev.millrace.triggers.Journal;
import dev.millrace.triggers.Recording;
import dev.millrace.triggers.RecordingCodec;
import dev.millrace.triggers.cron.Fire;
import dev.millrace.triggers.cron.FireLedger;
import dev.millrace.triggers.cron.FireLedger.State;
import dev.millrace.worker.store.ParkedRetries.Parked;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link Store} does, whatever the database. */
abstract class StoreContract {

  static final Instant NOW = Instant.parse("2026-11-22T21:28:00.123456Z");

  Store store;

  /** Opens the store, the first time empty and then with what it had at the last close. */
  abstract Store open(StoreOptions options);

  @BeforeEach
  void openStore() {
    store = open(StoreOptions.DEFAULT);
  }

  @AfterEach
  void closeStore() {
    store.close();
  }

  final void reopen() {
    reopen(StoreOptions.DEFAULT);
  }

  final void reopen(StoreOptions options) {
    store.close();
    store = open(options);
  }

  // Journal

  @Test
  void givesBackWhatWasAppendedInTheOrderOfReceipt() {
    List<CompletionStage<Long>> stages =
        IntStream.range(0, 250).mapToObj(i -> store.journal().append("t", event("e" + i))).toList();
    List<Long> sequences = stages.stream().map(StoreContract::await).toList();
    reopen();

    List<Journal.Entry> entries = journalAfterRestart("t");

    List<Long> kept = entries.stream().map(Journal.Entry::sequence).toList();
    assertEquals(kept, kept.stream().sorted().toList());
    assertEquals(sequences, sequences.stream().sorted().toList());
    assertEquals(
        IntStream.range(0, 250).mapToObj(i -> "e" + i).toList(),
        entries.stream().map(each -> each.event().id()).toList());
  }

  @Test
  void keepsAnEventByteForByte() {
    DetachedEvent event =
        new DetachedEvent(
            "id",
            "source",
            "type",
            Optional.of("subject"),
            NOW.plusNanos(789),
            Optional.of("text/plain"),
            Optional.empty(),
            Map.of("redischannel", "cache.users"),
            new byte[] {0, -1},
            List.of(new Header("h", null), new Header("h", new byte[] {(byte) 0xff})),
            null);

    await(store.journal().append("t", event));

    DetachedEvent kept = store.journal().read("t", 0, 1).getFirst().event();
    assertEquals(event.time(), kept.time());
    assertEquals(event.extensions(), kept.extensions());
    assertArrayEquals(event.key(), kept.key());
    assertArrayEquals(event.headers().getLast().value(), kept.headers().getLast().value());
    assertEquals(null, kept.data());
  }

  @Test
  void keepsTheJournalsOfTriggersApart() {
    await(store.journal().append("a", event("1")));
    await(store.journal().append("b", event("2")));

    assertEquals("1", only(store.journal().read("a", 0, 10)).event().id());
    assertEquals("2", only(store.journal().read("b", 0, 10)).event().id());
    assertEquals(List.of(), store.journal().read("c", 0, 10));
  }

  @Test
  void readsAJournalPageByPage() {
    for (int i = 0; i < 5; i++) {
      await(store.journal().append("t", event("e" + i)));
    }

    List<Journal.Entry> first = store.journal().read("t", 0, 2);
    List<Journal.Entry> second = store.journal().read("t", first.getLast().sequence(), 2);
    List<Journal.Entry> third = store.journal().read("t", second.getLast().sequence(), 2);

    assertEquals(List.of("e0", "e1"), first.stream().map(each -> each.event().id()).toList());
    assertEquals(List.of("e2", "e3"), second.stream().map(each -> each.event().id()).toList());
    assertEquals(List.of("e4"), third.stream().map(each -> each.event().id()).toList());
  }

  @Test
  void forgetsRemovedEventsAndNeverGivesTheirSequenceAgain() {
    Set<Long> seen = new HashSet<>();
    for (int round = 0; round < 3; round++) {
      long sequence = await(store.journal().append("t", event("e")));
      assertTrue(seen.add(sequence), "sequence " + sequence + " came twice");
      await(store.journal().remove("t", sequence));
      reopen();
      assertEquals(List.of(), journalAfterRestart("t"));
    }
  }

  @Test
  void removesManyEventsAtOnceAndNoneBetweenThem() {
    List<Long> sequences = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      sequences.add(await(store.journal().append("t", event("e" + i))));
    }

    await(
        store
            .journal()
            .remove(
                "t",
                List.of(
                    sequences.get(7),
                    sequences.get(1),
                    sequences.get(2),
                    sequences.get(3),
                    sequences.get(3),
                    sequences.get(5))));
    reopen();

    assertEquals(
        List.of("e0", "e4", "e6", "e8"),
        journalAfterRestart("t").stream().map(each -> each.event().id()).toList());
  }

  @Test
  void givesEventsThatAreAppendedTogetherSequencesWithoutGaps() {
    CompletionStage<Long> one = store.journal().append("t", event("before"));
    CompletionStage<Long> many = store.journal().append("t", events("e", 300));
    CompletionStage<Long> other = store.journal().append("other", events("o", 3));
    CompletionStage<Long> last = store.journal().append("t", event("after"));

    long first = await(many);
    Set<Long> sequences = new HashSet<>(List.of(await(one), await(last)));
    sequences.addAll(LongStream.range(first, first + 300).boxed().toList());
    sequences.addAll(LongStream.range(await(other), await(other) + 3).boxed().toList());

    assertEquals(305, sequences.size(), "a sequence came twice");
    List<Journal.Entry> read = store.journal().read("t", await(one), 300);
    assertEquals(
        LongStream.range(first, first + 300).boxed().toList(),
        read.stream().map(Journal.Entry::sequence).toList());
    assertEquals(ids("e", 0, 300), namesOf(read));
  }

  @Test
  void readsPagesThatBeginAmongEventsAppendedTogether() {
    await(store.journal().append("t", events("a", 100)));
    await(store.journal().append("t", event("b0")));
    await(store.journal().append("t", events("c", 50)));
    List<String> read = new ArrayList<>();

    long after = 0;
    for (List<Journal.Entry> page = page(after); !page.isEmpty(); page = page(after)) {
      assertTrue(page.size() == 7 || read.size() + page.size() == 151, "a page is full");
      read.addAll(namesOf(page));
      after = page.getLast().sequence();
    }

    List<String> expected = new ArrayList<>(ids("a", 0, 100));
    expected.add("b0");
    expected.addAll(ids("c", 0, 50));
    assertEquals(expected, read);
  }

  private List<Journal.Entry> page(long after) {
    return store.journal().read("t", after, 7);
  }

  @Test
  void forgetsSomeOfTheEventsThatWereAppendedTogether() {
    long first = await(store.journal().append("t", events("e", 100)));
    List<Long> removed = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      if (i % 10 != 3) {
        removed.add(first + i);
      }
    }
    Collections.shuffle(removed, new Random(17));
    for (int i = 0; i < removed.size(); i += 30) {
      await(store.journal().remove("t", removed.subList(i, i + 30)));
    }
    reopen();

    List<Journal.Entry> kept = journalAfterRestart("t");

    assertEquals(
        List.of("e3", "e13", "e23", "e33", "e43", "e53", "e63", "e73", "e83", "e93"),
        namesOf(kept));
    await(store.journal().remove("t", kept.stream().map(Journal.Entry::sequence).toList()));
    assertEquals(List.of(), journalAfterRestart("t"));
    assertEquals(0, journalRows(), "nothing of them is left");
  }

  @Test
  void forgetsWhatIsFinishedOfManyRowsWhateverTheOrder() {
    Random random = new Random();
    long seed = random.nextLong();
    random.setSeed(seed);
    Map<Long, String> kept = new TreeMap<>();
    List<Long> finished = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      int size = 1 + random.nextInt(i % 3 == 0 ? 200 : 3);
      String trigger = random.nextInt(4) == 0 ? "other" : "t";
      long first = await(store.journal().append(trigger, events(i + "/", size)));
      for (int event = 0; event < size; event++) {
        if (random.nextInt(10) > 0) {
          finished.add(first + event);
        } else if (trigger.equals("t")) {
          kept.put(first + event, i + "/" + event);
        }
      }
    }
    Collections.shuffle(finished, random);
    List<CompletionStage<Void>> removals = new ArrayList<>();
    for (int i = 0; i < finished.size(); ) {
      int to = Math.min(finished.size(), i + 1 + random.nextInt(400));
      removals.add(store.journal().remove("t", finished.subList(i, to)));
      i = to;
    }
    removals.forEach(StoreContract::await);

    List<Journal.Entry> read = store.journal().read("t", 0, Integer.MAX_VALUE);

    Map<Long, String> there = new TreeMap<>();
    read.forEach(entry -> there.put(entry.sequence(), entry.event().id()));
    assertEquals(kept, there, "seed " + seed);
  }

  @Test
  void appendsAllOrNone() {
    reopen(StoreOptions.DEFAULT.withQueue(1, 1 << 20).withLinger(Duration.ofMillis(500)));
    CompletionStage<Long> kept = store.journal().append("t", events("a", 10));
    CompletionStage<Long> refused = store.journal().append("t", events("b", 10));

    assertTrue(failure(refused).getMessage().contains("queue is full"));
    await(kept);
    assertEquals(ids("a", 0, 10), namesOf(journalAfterRestart("t")));
  }

  @Test
  void removingWhatIsNotThereIsHarmless() {
    await(store.journal().remove("t", 17));
  }

  @Test
  void keepsEveryConfirmedEventOfManyThreads() throws InterruptedException {
    int threads = 8;
    int each = 500;
    Set<String> confirmed = ConcurrentHashMap.newKeySet();
    Set<String> removed = ConcurrentHashMap.newKeySet();
    CountDownLatch done = new CountDownLatch(threads);
    for (int t = 0; t < threads; t++) {
      String trigger = "t" + t % 2;
      String ids = t + "/";
      Thread.ofVirtual()
          .start(
              () -> {
                List<CompletionStage<Long>> stages = new ArrayList<>();
                for (int i = 0; i < each; i++) {
                  stages.add(store.journal().append(trigger, event(ids + i)));
                }
                for (int i = 0; i < each; i++) {
                  long sequence = await(stages.get(i));
                  confirmed.add(ids + i);
                  if (i % 3 == 0) {
                    await(store.journal().remove(trigger, sequence));
                    removed.add(ids + i);
                  }
                }
                done.countDown();
              });
    }
    assertTrue(done.await(60, TimeUnit.SECONDS));
    StoreStats stats = store.stats();
    reopen();

    Set<String> present = new HashSet<>();
    for (String trigger : List.of("t0", "t1")) {
      journalAfterRestart(trigger).forEach(entry -> present.add(entry.event().id()));
    }
    Set<String> expected = new HashSet<>(confirmed);
    expected.removeAll(removed);
    assertEquals(threads * each, confirmed.size());
    assertEquals(expected, present);
    assertTrue(stats.writes() >= threads * each + removed.size(), stats.toString());
    assertTrue(stats.commits() < stats.writes(), "no commit was shared: " + stats);
  }

  // Fire ledger

  @Test
  void letsOneClaimOfAGridTimeWin() {
    FireLedger ledger = store.fireLedger();
    List<CompletionStage<Boolean>> claims =
        IntStream.range(0, 10).mapToObj(i -> ledger.claim("t", NOW, State.OPEN)).toList();

    assertEquals(1, claims.stream().filter(StoreContract::await).count());
    assertTrue(await(ledger.claim("other", NOW, State.OPEN)));
    assertTrue(await(ledger.claim("t", NOW.plusSeconds(1), State.OPEN)));
    reopen();
    assertFalse(await(store.fireLedger().claim("t", NOW, State.OPEN)));
  }

  @Test
  void knowsWhichGridTimesAreOpenAndWhichIsTheLatest() {
    FireLedger ledger = store.fireLedger();
    await(ledger.claim("t", NOW.plusSeconds(2), State.OPEN));
    await(ledger.claim("t", NOW.plusSeconds(1), State.OPEN));
    await(ledger.claim("t", NOW.plusSeconds(3), State.OPEN));
    await(ledger.claim("t", NOW.plusSeconds(4), State.SKIPPED));
    await(ledger.settle("t", NOW.plusSeconds(2)));
    reopen();

    assertEquals(
        List.of(Fire.scheduled(NOW.plusSeconds(1)), Fire.scheduled(NOW.plusSeconds(3))),
        store.fireLedger().open("t"));
    assertEquals(Optional.of(NOW.plusSeconds(4)), store.fireLedger().latest("t"));
    assertEquals(Optional.empty(), store.fireLedger().latest("never"));
    assertEquals(List.of(), store.fireLedger().open("never"));
  }

  @Test
  void settlesAClaimThatIsNotYetConfirmed() {
    CompletionStage<Boolean> claim = store.fireLedger().claim("t", NOW, State.OPEN);
    CompletionStage<Void> settlement = store.fireLedger().settle("t", NOW);

    assertTrue(await(claim));
    await(settlement);
    assertEquals(List.of(), store.fireLedger().open("t"));
  }

  @Test
  void takesOverWhatWasOpenWhenTheWorkerEnded() {
    await(store.fireLedger().claim("t", NOW, State.OPEN));
    reopen();

    assertEquals(List.of(Fire.scheduled(NOW)), store.fireLedger().takeOver("t"));
  }

  // Cron by hand

  @Test
  void remembersThatATriggerIsPaused() {
    assertFalse(store.fireLedger().paused("t"));
    assertTrue(await(store.cron().pause("t", NOW)));
    assertFalse(await(store.cron().pause("t", NOW.plusSeconds(1))));
    reopen();

    assertTrue(store.fireLedger().paused("t"));
    assertFalse(store.fireLedger().paused("other"));
    assertEquals(Optional.of(NOW), store.cron().standings().get("t").pausedSince());
    assertTrue(await(store.cron().resume("t")));
    assertFalse(await(store.cron().resume("t")));
    assertFalse(store.fireLedger().paused("t"));
  }

  @Test
  void handsOutARequestedFireOnceAndThoseByHandFirst() {
    Fire past = Fire.backfill(NOW.minusSeconds(60));
    Fire byHand = Fire.manual(NOW);
    assertEquals(2, await(store.cron().request("t", List.of(past, byHand), false)));
    FireLedger ledger = store.fireLedger();

    assertEquals(List.of(), ledger.open("t"));
    assertEquals(Optional.empty(), ledger.latest("t"), "the schedule has recorded nothing");
    assertEquals(List.of(byHand), ledger.takeRequests("t", 1));
    assertEquals(List.of(past), ledger.takeRequests("t", 10));
    assertEquals(List.of(), ledger.takeRequests("t", 10));
    assertEquals(List.of(past, byHand), ledger.open("t"));
    await(ledger.settle("t", byHand.time()));
    assertEquals(List.of(past), ledger.takeOver("t"));
  }

  @Test
  void firesAGridTimeThatHasFiredAgainOnlyIfThatIsAskedFor() {
    FireLedger ledger = store.fireLedger();
    Instant settled = NOW.truncatedTo(ChronoUnit.SECONDS);
    Instant skipped = settled.plusSeconds(1);
    Instant open = settled.plusSeconds(2);
    await(ledger.claim("t", settled, State.OPEN));
    await(ledger.settle("t", settled));
    await(ledger.claim("t", skipped, State.SKIPPED));
    await(ledger.claim("t", open, State.OPEN));
    List<Fire> all = List.of(Fire.backfill(settled), Fire.backfill(skipped), Fire.backfill(open));

    assertEquals(1, await(store.cron().request("t", all, false)));
    assertEquals(List.of(Fire.backfill(skipped)), ledger.takeRequests("t", 10));
    assertEquals(1, await(store.cron().request("t", all, true)));
    assertEquals(List.of(Fire.backfill(settled)), ledger.takeRequests("t", 10));
    assertFalse(await(ledger.claim("t", settled, State.OPEN)), "it is in the ledger");
    assertEquals(3, store.cron().recorded("t", settled, open).size());
    assertEquals(3, store.cron().standings().get("t").open());
  }

  @Test
  void tellsAWatchWhatAPersonDid() throws InterruptedException {
    CountDownLatch told = new CountDownLatch(1);
    store.fireLedger().watch("t", told::countDown);

    await(store.cron().pause("t", NOW));

    assertTrue(told.await(60, TimeUnit.SECONDS));
  }

  // Dead letters

  @Test
  void keepsADeadLetterWithItsAttempts() {
    DeadLetter letter = letter("orders", "kafka:orders/3/1042", FailureKind.TRAP);
    await(store.deadLetters().store(letter));
    reopen();

    DeadLetters.Stored stored = store.deadLetters().find(letter.id()).orElseThrow();

    assertEquals(letter.attempts(), stored.letter().attempts());
    assertEquals(letter.receivedAt(), stored.letter().receivedAt());
    assertEquals(letter.failedAt(), stored.letter().failedAt());
    assertEquals(letter.version(), stored.letter().version());
    assertEquals(letter.attemptCount(), stored.letter().attemptCount());
    assertEquals(letter.event().id(), stored.letter().event().id());
    assertArrayEquals(letter.event().data(), stored.letter().event().data());
    assertEquals(letter.event().size(), stored.summary().eventBytes());
    assertEquals(List.of(stored.summary()), all());
  }

  @Test
  void keepsOneRowForADeadLetterStoredTwice() {
    DeadLetters letters = store.deadLetters();
    DeadLetter letter = letter("t", "1", FailureKind.TRAP);
    await(letters.store(letter));
    long number = only(all()).number();
    await(letters.markReplayed(letter.id(), NOW, "r"));

    await(letters.store(letter("t", "1", FailureKind.TIMEOUT)));

    DeadLetters.Summary summary = only(all());
    assertEquals(number, summary.number());
    assertEquals(FailureKind.TIMEOUT, summary.failure());
    assertEquals(1, summary.replays());
    assertEquals(Optional.of(NOW), summary.lastReplay());
  }

  @Test
  void findsADeadLetterByNumberIdAndStartOfItsId() {
    await(store.deadLetters().store(letter("t", "kafka:o/1/104", FailureKind.TRAP)));
    await(store.deadLetters().store(letter("t", "kafka:o/1/1042", FailureKind.TRAP)));
    await(store.deadLetters().store(letter("t", "kafka:o/1/20%", FailureKind.TRAP)));
    DeadLetters letters = store.deadLetters();
    long number = all().getLast().number();

    assertEquals("t/kafka:o/1/104", letters.find("" + number).orElseThrow().letter().id());
    assertEquals("t/kafka:o/1/104", letters.find("t/kafka:o/1/104").orElseThrow().letter().id());
    assertEquals("t/kafka:o/1/20%", letters.find("t/kafka:o/1/2").orElseThrow().letter().id());
    assertEquals(Optional.empty(), letters.find("99999"));
    assertEquals(Optional.empty(), letters.find("t/kafka:o/1/%"));
    assertEquals(Optional.empty(), letters.find(""));
    StoreException ambiguous =
        assertThrows(StoreException.class, () -> letters.find("t/kafka:o/1/1"));
    assertTrue(ambiguous.getMessage().contains("several"), ambiguous.getMessage());
  }

  @Test
  void listsTheDeadLettersThatAFilterWants() {
    DeadLetters letters = store.deadLetters();
    await(letters.store(failedAt(letter("a", "1", FailureKind.TRAP), NOW)));
    await(letters.store(failedAt(letter("a", "2", FailureKind.TIMEOUT), NOW.plusSeconds(2))));
    await(letters.store(failedAt(letter("b", "3", FailureKind.TRAP), NOW.plusSeconds(1))));

    assertEquals(List.of("2", "3", "1"), eventIds(letters.list(DeadLetters.Filter.ALL, 10)));
    assertEquals(List.of("2"), eventIds(letters.list(DeadLetters.Filter.ALL, 1)));
    assertEquals(List.of("2", "1"), eventIds(letters.list(DeadLetters.Filter.ofTrigger("a"), 10)));
    DeadLetters.Filter lateTraps =
        new DeadLetters.Filter(
            Optional.empty(),
            Optional.of("charge"),
            Optional.of(FailureKind.TRAP),
            Optional.of(NOW.plusSeconds(1)));
    assertEquals(List.of("3"), eventIds(letters.list(lateTraps, 10)));
    assertEquals(1, letters.count(lateTraps));
    assertEquals(3, letters.count(DeadLetters.Filter.ALL));
  }

  @Test
  void removesDeadLettersAndNeverGivesTheirNumberAgain() {
    DeadLetters letters = store.deadLetters();
    await(letters.store(letter("t", "1", FailureKind.TRAP)));
    await(letters.store(letter("t", "2", FailureKind.TRAP)));
    long latest = all().stream().mapToLong(DeadLetters.Summary::number).max().orElseThrow();

    int removed = await(letters.remove(List.of("t/1", "t/2", "t/never")));
    await(letters.store(letter("t", "3", FailureKind.TRAP)));

    assertEquals(2, removed);
    assertTrue(only(all()).number() > latest);
    assertEquals(0, await(letters.remove(List.of())));
    assertFalse(await(letters.markReplayed("t/1", NOW, "r")));
  }

  @Test
  void findsDeadLettersByVersionErrorTimeAndNumber() {
    DeadLetters letters = store.deadLetters();
    await(letters.store(failedAt(letter("a", "1", FailureKind.TRAP), NOW)));
    await(letters.store(failedAt(letter("a", "2", FailureKind.TRAP), NOW.plusSeconds(2))));

    assertEquals(2, letters.count(where(Optional.of("c0f"), Optional.empty(), Optional.empty())));
    assertEquals(0, letters.count(where(Optional.of("_0f"), Optional.empty(), Optional.empty())));
    assertEquals(
        2, letters.count(where(Optional.empty(), Optional.of("T FAILE"), Optional.empty())));
    assertEquals(0, letters.count(where(Optional.empty(), Optional.of("%"), Optional.empty())));
    DeadLetters.Filter early =
        where(Optional.empty(), Optional.empty(), Optional.of(NOW.plusSeconds(2)));
    assertEquals(List.of("1"), eventIds(letters.list(early, 10)));
    long second = letters.find("a/2").orElseThrow().summary().number();
    assertEquals(
        List.of("2"),
        eventIds(letters.list(DeadLetters.Filter.ofNumbers(List.of(second, 99L)), 10)));
  }

  private static DeadLetters.Filter where(
      Optional<String> version, Optional<String> error, Optional<Instant> until) {
    return new DeadLetters.Filter(
        Optional.empty(),
        Optional.empty(),
        version,
        Optional.empty(),
        error,
        Optional.empty(),
        until,
        DeadLetters.Quarantine.ANY,
        List.of());
  }

  @Test
  void goesThroughDeadLettersInTheOrderInWhichTheyFirstFailed() {
    DeadLetters letters = store.deadLetters();
    for (String id : List.of("3", "1", "2")) {
      await(letters.store(letter("t", id, FailureKind.TRAP)));
    }
    await(letters.store(failedAt(letter("t", "3", FailureKind.TRAP), NOW.plusSeconds(9))));

    List<DeadLetters.Summary> page = letters.inOrder(DeadLetters.Filter.ALL, 0, 2);

    assertEquals(List.of("3", "1"), eventIds(page));
    assertEquals(
        List.of("2"),
        eventIds(letters.inOrder(DeadLetters.Filter.ALL, page.getLast().number(), 2)));
  }

  @Test
  void keepsTheRecordingOfTheLastAttempt() {
    Recording recording =
        new Recording(
            "abc",
            new Recording.Limits(Duration.ofSeconds(3), 1L << 40, 1, 2, 3),
            7,
            8,
            new Recording.Tape(new byte[] {1}, new byte[] {2, 3}, true),
            Recording.Tape.EMPTY);
    await(store.deadLetters().store(recorded(letter("t", "1", FailureKind.TRAP), recording)));
    reopen();

    Recording kept = store.deadLetters().find("t/1").orElseThrow().letter().recording().get();
    assertArrayEquals(RecordingCodec.encode(recording), RecordingCodec.encode(kept));

    await(store.deadLetters().store(letter("t", "1", FailureKind.REJECTED)));
    assertEquals(
        Optional.empty(), store.deadLetters().find("t/1").orElseThrow().letter().recording());
  }

  @Test
  void anEditedDeadLetterKeepsWhatWasReceivedAndWhatTheRecordedAttemptWasAt() {
    DeadLetters letters = store.deadLetters();
    DeadLetter letter = letter("t", "1", FailureKind.TRAP);
    await(letters.store(letter));
    assertTrue(await(letters.edit("t/1", event("1", new byte[] {1, 2, 3}))));
    assertTrue(await(letters.edit("t/1", event("1", new byte[] {4}))));
    reopen();

    DeadLetters.Stored edited = store.deadLetters().find("t/1").orElseThrow();
    assertArrayEquals(new byte[] {4}, edited.letter().event().data());
    assertEquals(1, edited.summary().eventBytes());
    assertTrue(edited.summary().edited());
    assertArrayEquals(letter.event().data(), edited.original().orElseThrow().data());
    assertArrayEquals(letter.event().data(), edited.recorded().data());

    // It was replayed as edited, and failed again.
    await(store.deadLetters().store(letter.withEvent(event("1", new byte[] {4}))));
    DeadLetters.Stored again = store.deadLetters().find("t/1").orElseThrow();
    assertArrayEquals(letter.event().data(), again.original().orElseThrow().data());
    assertArrayEquals(new byte[] {4}, again.recorded().data());
    assertFalse(await(store.deadLetters().edit("t/never", event("1"))));
  }

  @Test
  void anEventThatIsBeingReplayedIsNotEdited() {
    await(store.deadLetters().store(letter("t", "1", FailureKind.TRAP)));
    await(store.parked().park(retry("t/1", NOW)));

    assertFalse(await(store.deadLetters().edit("t/1", event("1", new byte[] {4}))));
    await(store.parked().remove("t/1"));
    assertTrue(await(store.deadLetters().edit("t/1", event("1", new byte[] {4}))));
  }

  @Test
  void aDeadLetterIsInQuarantineAfterAsManyReplaysAsItsTriggerSays() {
    DeadLetters letters = store.deadLetters();
    await(letters.sink(2).store(letter("t", "1", FailureKind.TRAP)));
    await(letters.store(letter("t", "2", FailureKind.TRAP)));
    for (int i = 0; i < 2; i++) {
      await(letters.markReplayed("t/1", NOW, "r" + i));
      await(letters.markReplayed("t/2", NOW, "r" + i));
    }

    DeadLetters.Filter only = DeadLetters.Filter.ALL.with(DeadLetters.Quarantine.ONLY);
    DeadLetters.Filter none = DeadLetters.Filter.ALL.with(DeadLetters.Quarantine.NONE);
    assertEquals(List.of("1"), eventIds(letters.list(only, 10)));
    assertEquals(List.of("2"), eventIds(letters.list(none, 10)));
    assertTrue(only(letters.list(only, 10)).quarantined());
    assertEquals(Optional.of("r1"), letters.find("t/1").orElseThrow().replayedBy());
  }

  // Replays

  private static Replays.Replay replay(String id, Instant at) {
    DeadLetters.Filter filter =
        new DeadLetters.Filter(
            Optional.of("t"),
            Optional.empty(),
            Optional.of("c0"),
            Optional.of(FailureKind.TRAP),
            Optional.of("%"),
            Optional.of(NOW),
            Optional.empty(),
            DeadLetters.Quarantine.NONE,
            List.of(4L));
    return Replays.Replay.of(id, filter, Replays.Target.SOURCE, Duration.ofMillis(100), 12, 3, at);
  }

  @Test
  void keepsAReplayAndHowFarItHasCome() {
    Replays.Replay replay = replay("a", NOW);
    await(store.replays().start(replay));
    assertEquals(List.of(replay), store.replays().running());
    assertTrue(await(store.replays().claim("a", "me", NOW, NOW.plusSeconds(15))));
    Replays.Progress half = new Replays.Progress(7, 1, 1, 0, "waiting");
    assertTrue(await(store.replays().advance("a", "me", half, Optional.empty())));
    reopen();

    assertEquals(half, only(store.replays().running()).progress());
    Replays.Progress whole = new Replays.Progress(12, 2, 1, 0, "");
    assertTrue(await(store.replays().advance("a", "me", whole, Optional.of(NOW))));
    assertEquals(List.of(), store.replays().running());
    Replays.Replay done = only(store.replays().list(10));
    assertEquals(Replays.State.DONE, done.state());
    assertEquals(Optional.of(NOW), done.endedAt());
    assertEquals(whole, done.progress());
  }

  @Test
  void oneWorkerAtATimeSeesToAReplay() {
    Replays replays = store.replays();
    await(replays.start(replay("a", NOW)));
    assertTrue(await(replays.claim("a", "me", NOW, NOW.plusSeconds(15))));
    assertFalse(await(replays.claim("a", "you", NOW.plusSeconds(14), NOW.plusSeconds(30))));
    assertTrue(await(replays.claim("a", "me", NOW.plusSeconds(14), NOW.plusSeconds(20))));

    assertTrue(await(replays.claim("a", "you", NOW.plusSeconds(21), NOW.plusSeconds(30))));
    assertFalse(await(replays.advance("a", "me", Replays.Progress.NONE, Optional.empty())));
    assertTrue(await(replays.cancel("a", NOW)));
    assertFalse(await(replays.advance("a", "you", Replays.Progress.NONE, Optional.empty())));
    assertFalse(await(replays.claim("a", "you", NOW.plusSeconds(22), NOW.plusSeconds(30))));
    assertFalse(await(replays.cancel("a", NOW)));
    assertEquals(Replays.State.CANCELLED, only(replays.list(10)).state());
  }

  @Test
  void forgetsReplaysThatEndedLongAgo() {
    await(store.replays().start(replay("old", NOW)));
    await(store.replays().cancel("old", NOW));
    await(store.replays().start(replay("running", NOW)));

    await(store.replays().start(replay("new", NOW.plus(Duration.ofDays(31)))));

    assertEquals(
        List.of("new", "running"),
        store.replays().list(10).stream().map(Replays.Replay::id).toList());
  }

  @Test
  void tellsWhichDeadLettersAreBeingReplayed() {
    await(store.deadLetters().store(letter("t", "1", FailureKind.TRAP)));
    await(store.deadLetters().store(letter("t", "2", FailureKind.TRAP)));
    await(store.parked().park(retry("t/2", NOW)));
    await(store.parked().park(retry("t/3", NOW)));

    assertEquals(Set.of("t/2"), store.replays().inFlight(List.of("t/1", "t/2")));
    assertEquals(
        List.of(store.deadLetters().find("t/2").orElseThrow().summary().number()),
        store.replays().inFlight());
  }

  // Parked retries

  @Test
  void parksAsManyRetriesOfATriggerAsItMayHave() {
    ParkedRetries parked = store.parked();
    assertTrue(await(parked.park(retry("t/1", NOW), 2)));
    assertTrue(await(parked.park(retry("t/2", NOW), 2)));
    assertFalse(await(parked.park(retry("t/3", NOW), 2)));
    assertEquals(2, parked.count("t"));

    assertEquals(2, parked.takeDue(NOW, 10).size());
    assertTrue(await(parked.park(retry("t/1", NOW), 2)), "it has its place already");
    assertFalse(await(parked.park(retry("t/3", NOW), 2)), "what was handed out is still there");
    assertTrue(await(parked.remove("t/2")));
    assertTrue(await(parked.park(retry("t/3", NOW), 2)));

    assertEquals(Map.of("t", 2L), parked.countByTrigger());
  }

  @Test
  void countsParkedRetriesOfAnEarlierWorker() {
    await(store.parked().park(retry("t/1", NOW)));
    reopen();
    assertEquals(0, store.parked().count("t"));

    store.parked().recount();

    assertEquals(1, store.parked().count("t"));
    assertEquals(0, store.parked().count("other"));
    assertFalse(await(store.parked().park(retry("t/2", NOW), 1)));
  }

  @Test
  void handsOutDueRetriesOnceAndTheLongestDueFirst() {
    ParkedRetries parked = store.parked();
    await(parked.park(retry("late", NOW.plusSeconds(60))));
    await(parked.park(retry("second", NOW.minusSeconds(1))));
    await(parked.park(retry("first", NOW.minusSeconds(2))));

    assertEquals(Optional.of(NOW.minusSeconds(2)), parked.nextDue());
    assertEquals(List.of("first"), ids(parked.takeDue(NOW, 1)));
    assertEquals(List.of("second"), ids(parked.takeDue(NOW, 10)));
    assertEquals(List.of(), ids(parked.takeDue(NOW, 10)));
    assertEquals(Optional.of(NOW.plusSeconds(60)), parked.nextDue());
    assertEquals(Map.of("t", 3L), parked.countByTrigger());
  }

  @Test
  void keepsAParkedRetryAsItWas() {
    Parked retry = retry("r", NOW);
    await(store.parked().park(retry));
    reopen();

    Parked kept = only(store.parked().takeDue(NOW, 10));

    assertEquals(retry.id(), kept.id());
    assertEquals(retry.failedAttempts(), kept.failedAttempts());
    assertEquals(retry.receivedAt(), kept.receivedAt());
    assertEquals(retry.dueAt(), kept.dueAt());
    assertEquals(retry.attempts(), kept.attempts());
    assertEquals(retry.function(), kept.function());
    assertArrayEquals(retry.event().data(), kept.event().data());
  }

  @Test
  void handsARetryOutAgainOnceItIsParkedAgain() {
    ParkedRetries parked = store.parked();
    await(parked.park(retry("r", NOW)));
    parked.takeDue(NOW, 10);

    await(parked.park(retry("r", NOW.plusSeconds(5))));

    assertEquals(List.of(), ids(parked.takeDue(NOW, 10)));
    assertEquals(List.of("r"), ids(parked.takeDue(NOW.plusSeconds(5), 10)));
  }

  @Test
  void handsARetryOutAgainOnceItIsGivenBack() {
    ParkedRetries parked = store.parked();
    await(parked.park(retry("r", NOW)));
    parked.takeDue(NOW, 10);

    parked.giveBack("r");

    assertEquals(Optional.of(NOW), parked.nextDue());
    assertEquals(List.of("r"), ids(parked.takeDue(NOW, 10)));
  }

  @Test
  void handsATakenRetryOutAgainAfterARestart() {
    await(store.parked().park(retry("r", NOW)));
    store.parked().takeDue(NOW, 10);
    reopen();

    assertEquals(List.of("r"), ids(store.parked().takeDue(NOW, 10)));
  }

  @Test
  void forgetsARemovedRetry() {
    ParkedRetries parked = store.parked();
    await(parked.park(retry("r", NOW)));

    assertTrue(await(parked.remove("r")));
    assertFalse(await(parked.remove("r")));

    assertEquals(List.of(), ids(parked.list(Optional.empty(), 10)));
    assertEquals(Optional.empty(), parked.nextDue());
    assertEquals(Map.of(), parked.countByTrigger());
  }

  @Test
  void listsParkedRetriesWithoutHandingThemOut() {
    ParkedRetries parked = store.parked();
    await(parked.park(retry("b", NOW.plusSeconds(2))));
    await(parked.park(retry("a", NOW.plusSeconds(1))));

    assertEquals(List.of("a", "b"), ids(parked.list(Optional.of("t"), 10)));
    assertEquals(List.of(), ids(parked.list(Optional.of("other"), 10)));
    assertEquals(List.of("a", "b"), ids(parked.takeDue(NOW.plusSeconds(9), 10)));
  }

  @Test
  void keepsARetryThatIsDueAtTheEndOfTime() {
    await(store.parked().park(retry("never", Instant.MAX)));

    assertEquals(List.of(), ids(store.parked().takeDue(NOW, 10)));
    assertEquals(List.of("never"), ids(store.parked().list(Optional.empty(), 10)));
  }

  // Parked keys

  @Test
  void keepsTheQueueOfAParkedKeyInOrder() {
    KeyQueues keys = store.keyQueues();
    await(keys.park("t", "a", "t/1", NOW));
    for (int i = 0; i < 30; i++) {
      assertTrue(await(keys.appendIfParked("t", "a", event("e" + i), NOW.plusMillis(i))));
      assertFalse(await(keys.appendIfParked("t", "b", event("other" + i), NOW)));
    }
    assertTrue(await(keys.appendIfParked("t", "a", event("e3"), NOW)), "there already");
    reopen();

    List<KeyQueues.Queued> queued = store.keyQueues().oldest("t", "a", 20);

    assertEquals(
        IntStream.range(0, 20).mapToObj(i -> "e" + i).toList(),
        queued.stream().map(each -> each.event().id()).toList());
    assertEquals(NOW.plusMillis(7), queued.get(7).receivedAt());
    assertEquals(Map.of("a", "t/1"), store.keyQueues().parked("t"));
    assertEquals(Map.of(), store.keyQueues().parked("other"));
    assertEquals(
        List.of(new KeyQueues.ParkedKey("t", "a", "t/1", NOW, 30)), store.keyQueues().list(10));
    assertEquals(Map.of("t", 1L), store.keyQueues().countByTrigger());
    assertEquals(List.of(), store.keyQueues().oldest("t", "b", 20));
  }

  @Test
  void aKeyIsFreeOnceItsDeadLetterHasLeft() {
    KeyQueues keys = store.keyQueues();
    await(store.deadLetters().store(letter("t", "1", FailureKind.TRAP)));
    await(keys.park("t", "a", "t/1", NOW));
    await(keys.appendIfParked("t", "a", event("e"), NOW));
    assertEquals(List.of(), keys.freed(10));

    await(store.deadLetters().remove(List.of("t/1")));

    assertEquals(List.of("a"), keys.freed(10).stream().map(KeyQueues.ParkedKey::lane).toList());
    assertEquals(false, await(keys.unparkIfEmpty("t", "a")));
    long sequence = only(keys.oldest("t", "a", 10)).sequence();
    assertEquals(true, await(keys.remove(sequence)));
    assertEquals(false, await(keys.remove(sequence)));
    assertEquals(true, await(keys.unparkIfEmpty("t", "a")));
    assertEquals(Map.of(), keys.parked("t"));
  }

  @Test
  void parksAKeyBehindAnotherDeadLetter() {
    KeyQueues keys = store.keyQueues();
    await(keys.park("t", "a", "t/1", NOW));
    await(keys.park("t", "a", "t/2", NOW.plusSeconds(1)));

    assertEquals(Map.of("a", "t/2"), keys.parked("t"));
  }

  @Test
  void nobodyDrainsAKeyThatHasBeenParkedAgainSinceItWasSeenFree() {
    KeyQueues keys = store.keyQueues();
    await(keys.park("t", "a", "t/1", NOW));
    assertEquals(1, keys.freed(10).size());
    assertTrue(await(keys.claim("t", "a")));
    await(store.deadLetters().store(letter("t", "2", FailureKind.TRAP)));
    await(keys.park("t", "a", "t/2", NOW));

    assertFalse(await(keys.claim("t", "a")));
    assertFalse(await(keys.unparkIfEmpty("t", "a")), "it waits for the other letter");
    await(store.deadLetters().remove(List.of("t/2")));
    assertTrue(await(keys.claim("t", "a")));
    assertTrue(await(keys.unparkIfEmpty("t", "a")));
    assertFalse(await(keys.claim("t", "a")), "it is not parked");
  }

  @Test
  void aTakenKeyHoldsWhatIsInItsQueue() {
    KeyQueues keys = store.keyQueues();
    await(keys.park("t", "a", "t/1", NOW));
    await(keys.appendIfParked("t", "a", event("e"), NOW));
    long sequence = only(keys.oldest("t", "a", 10)).sequence();
    assertTrue(await(keys.claim("t", "a")));

    assertTrue(await(keys.holds("t", "a", sequence)));
    assertFalse(await(keys.holds("t", "a", sequence + 1)));
    await(keys.remove(sequence));
    assertFalse(await(keys.holds("t", "a", sequence)));
  }

  // Claimed keys

  @Test
  void aKeyIsClaimedByOneOwner() {
    ClaimedKeys keys = store.claimedKeys();
    Instant later = NOW.plusSeconds(60);

    assertTrue(await(keys.claim("f", "k", "a", NOW, later)));
    assertFalse(await(keys.claim("f", "k", "b", NOW, later)));
    assertTrue(await(keys.claim("f", "k", "a", NOW, later)), "its owner has it");
    assertTrue(await(keys.claim("g", "k", "b", NOW, later)), "of another function");
    assertFalse(keys.isDone("f", "k"));
  }

  @Test
  void aClaimEndsWithItsLease() {
    ClaimedKeys keys = store.claimedKeys();
    await(keys.claim("f", "k", "a", NOW, NOW.plusSeconds(60)));
    reopen();

    assertFalse(
        await(store.claimedKeys().claim("f", "k", "b", NOW.plusSeconds(59), NOW.plusSeconds(99))));
    assertTrue(
        await(store.claimedKeys().claim("f", "k", "b", NOW.plusSeconds(60), NOW.plusSeconds(99))));
  }

  @Test
  void aKeyThatIsDoneIsNotClaimedWhileItIsRemembered() {
    ClaimedKeys keys = store.claimedKeys();
    await(keys.claim("f", "k", "a", NOW, NOW.plusSeconds(60)));
    await(keys.finish("f", "k", "a", NOW.plusSeconds(600)));
    await(keys.giveUp("f", "k", "a"));

    assertFalse(await(keys.claim("f", "k", "b", NOW.plusSeconds(599), NOW.plusSeconds(900))));
    assertFalse(await(keys.claim("f", "k", "a", NOW.plusSeconds(599), NOW.plusSeconds(900))));
    assertTrue(keys.isDone("f", "k"));
    assertTrue(await(keys.claim("f", "k", "b", NOW.plusSeconds(600), NOW.plusSeconds(900))));
  }

  @Test
  void onlyTheOwnerGivesAClaimUp() {
    ClaimedKeys keys = store.claimedKeys();
    await(keys.claim("f", "k", "a", NOW, NOW.plusSeconds(60)));
    await(keys.giveUp("f", "k", "b"));
    assertFalse(await(keys.claim("f", "k", "b", NOW, NOW.plusSeconds(60))));

    await(keys.giveUp("f", "k", "a"));
    assertTrue(await(keys.claim("f", "k", "b", NOW, NOW.plusSeconds(60))));
    assertEquals(0, await(keys.forget(NOW)));
    assertEquals(1, await(keys.forget(NOW.plusSeconds(60))));
  }

  // Values

  private static final StoredValues.Key VALUE = new StoredValues.Key("app", "carts", "k\0\u00fc");

  @Test
  void keepsAValueUntilItsTimeIsOver() {
    await(store.values().set(VALUE, new byte[] {0, -1}, NOW.plusSeconds(60)));
    reopen();

    assertArrayEquals(new byte[] {0, -1}, store.values().get(VALUE, NOW.plusSeconds(59)));
    assertNull(store.values().get(VALUE, NOW.plusSeconds(60)));
    assertFalse(await(store.values().delete(VALUE, NOW.plusSeconds(60))), "it is over");
    assertEquals(1, await(store.values().forget(NOW.plusSeconds(60))));
  }

  @Test
  void valuesOfAnotherAppOrStoreAreOthers() {
    await(store.values().set(VALUE, new byte[] {1}, StoredValues.NEVER));

    assertNull(store.values().get(new StoredValues.Key("b", "carts", VALUE.key()), NOW));
    assertNull(store.values().get(new StoredValues.Key("app", "b", VALUE.key()), NOW));
    assertEquals(0, await(store.values().forget(NOW.plusSeconds(1_000_000_000))));
    assertTrue(await(store.values().delete(VALUE, NOW)));
    assertFalse(await(store.values().delete(VALUE, NOW)));
  }

  @Test
  void replacesOnlyWhatIsExpected() {
    StoredValues values = store.values();
    byte[] text = ascii("text");
    byte[] seven = ascii("7");

    assertFalse(await(values.replace(VALUE, text, seven, NOW, StoredValues.NEVER)), "absent");
    assertTrue(await(values.setIfAbsent(VALUE, text, NOW, NOW.plusSeconds(60))));
    assertFalse(await(values.setIfAbsent(VALUE, seven, NOW, StoredValues.NEVER)));
    assertFalse(await(values.replace(VALUE, seven, seven, NOW, StoredValues.NEVER)));
    assertTrue(await(values.replace(VALUE, text, seven, NOW, NOW.plusSeconds(60))));
    assertFalse(await(values.replace(VALUE, ascii("07"), text, NOW, StoredValues.NEVER)));
    assertFalse(
        await(values.replace(VALUE, seven, text, NOW.plusSeconds(60), StoredValues.NEVER)), "over");
    assertTrue(await(values.setIfAbsent(VALUE, text, NOW.plusSeconds(60), StoredValues.NEVER)));
    assertFalse(await(values.deleteIf(VALUE, seven, NOW)));
    assertTrue(await(values.deleteIf(VALUE, text, NOW)));
    assertNull(values.get(VALUE, NOW));
  }

  @Test
  void countsWithoutLosingAnIncrement() {
    List<CompletionStage<OptionalLong>> sums =
        IntStream.range(0, 200)
            .mapToObj(i -> store.values().increment(VALUE, 3, NOW, StoredValues.NEVER))
            .toList();

    assertEquals(
        IntStream.rangeClosed(1, 200).mapToObj(i -> OptionalLong.of(3L * i)).toList(),
        sums.stream().map(StoreContract::await).toList());
    assertArrayEquals(ascii("600"), store.values().get(VALUE, NOW));
  }

  @Test
  void aCounterKeepsItsTimeAndBeginsAnewAfterIt() {
    StoredValues values = store.values();
    Instant end = NOW.plusSeconds(60);

    assertEquals(OptionalLong.of(5), await(values.increment(VALUE, 5, NOW, end)));
    assertEquals(
        OptionalLong.of(6),
        await(values.increment(VALUE, 1, NOW.plusSeconds(59), StoredValues.NEVER)));
    assertEquals(OptionalLong.of(1), await(values.increment(VALUE, 1, end, NOW.plusSeconds(99))));
    assertNull(values.get(VALUE, NOW.plusSeconds(99)));
  }

  @Test
  void aCounterStopsAtWhatIsNoNumberAndAtTheEndsOf64Bits() {
    StoredValues values = store.values();
    for (String wrong :
        List.of("", "x", "07", "+7", "9223372036854775808", "-9223372036854775809")) {
      await(values.set(VALUE, ascii(wrong), StoredValues.NEVER));
      assertEquals(
          OptionalLong.empty(), await(values.increment(VALUE, 1, NOW, StoredValues.NEVER)), wrong);
      assertArrayEquals(ascii(wrong), values.get(VALUE, NOW));
    }
    await(values.set(VALUE, ascii("9223372036854775806"), StoredValues.NEVER));
    assertEquals(
        OptionalLong.of(Long.MAX_VALUE),
        await(values.increment(VALUE, 1, NOW, StoredValues.NEVER)));
    assertEquals(OptionalLong.empty(), await(values.increment(VALUE, 1, NOW, StoredValues.NEVER)));
    await(values.set(VALUE, ascii("-1"), StoredValues.NEVER));
    assertEquals(
        OptionalLong.of(Long.MIN_VALUE),
        await(values.increment(VALUE, Long.MIN_VALUE + 1, NOW, StoredValues.NEVER)));
    assertEquals(OptionalLong.empty(), await(values.increment(VALUE, -1, NOW, StoredValues.NEVER)));
    assertEquals(
        OptionalLong.empty(),
        await(values.increment(VALUE, Long.MIN_VALUE, NOW, StoredValues.NEVER)));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  // Seen events

  @Test
  void remembersAnEventForItsTime() {
    SeenEvents seen = store.seenEvents();
    await(seen.remember("t", "source\nid", NOW.plusSeconds(60)));
    reopen();

    assertTrue(store.seenEvents().seen("t", "source\nid", NOW.plusSeconds(59)));
    assertFalse(store.seenEvents().seen("t", "source\nid", NOW.plusSeconds(60)));
    assertFalse(store.seenEvents().seen("t", "source\nother", NOW));
    assertFalse(store.seenEvents().seen("other", "source\nid", NOW));
  }

  @Test
  void forgetsWhatItNeedRememberNoLonger() {
    SeenEvents seen = store.seenEvents();
    await(seen.remember("t", "a", NOW.plusSeconds(1)));
    await(seen.remember("t", "b", NOW.plusSeconds(1)));
    await(seen.remember("t", "b", NOW.plusSeconds(9)));

    assertEquals(1, await(seen.forget(NOW.plusSeconds(5))));
    assertFalse(seen.seen("t", "a", NOW));
    assertTrue(seen.seen("t", "b", NOW));
  }

  // Attempt history

  @Test
  void keepsTheLatestFailedAttempts() {
    reopen(StoreOptions.DEFAULT.withAttemptHistory(3));
    for (int i = 1; i <= 5; i++) {
      store.attempts().record(entry("t", "e" + i, i));
      settleWrites();
    }
    reopen(StoreOptions.DEFAULT.withAttemptHistory(3));

    List<AttemptHistory.Entry> recent = store.attempts().recent(AttemptHistory.Filter.ALL, 10);

    assertEquals(List.of(entry("t", "e5", 5), entry("t", "e4", 4), entry("t", "e3", 3)), recent);
  }

  @Test
  void findsTheAttemptsAtOneEvent() {
    store.attempts().record(entry("t", "e1", 1));
    store.attempts().record(entry("t", "e2", 1));
    store.attempts().record(entry("t", "e1", 2));
    store.attempts().record(entry("other", "e1", 1));
    settleWrites();

    assertEquals(
        List.of(entry("t", "e1", 2), entry("t", "e1", 1)),
        store.attempts().recent(AttemptHistory.Filter.ofEvent("t", "e1"), 10));
    assertEquals(
        List.of(entry("other", "e1", 1)),
        store
            .attempts()
            .recent(
                new AttemptHistory.Filter(
                    Optional.of("other"),
                    Optional.of("charge"),
                    Optional.empty(),
                    Optional.of(FailureKind.TRAP)),
                10));
  }

  // The store as a whole

  @Test
  void commitsWhatIsQueuedWhenItIsClosed() {
    reopen(StoreOptions.DEFAULT.withLinger(Duration.ofSeconds(20)));
    List<CompletionStage<Long>> stages =
        IntStream.range(0, 50).mapToObj(i -> store.journal().append("t", event("e" + i))).toList();

    store.close();

    stages.forEach(StoreContract::await);
    store = open(StoreOptions.DEFAULT);
    assertEquals(50, journalAfterRestart("t").size());
  }

  @Test
  void refusesEverythingOnceClosed() {
    store.close();
    store.close();

    assertTrue(failure(store.journal().append("t", event("e"))).getMessage().contains("closed"));
    assertThrows(StoreException.class, () -> store.journal().read("t", 0, 1));
    store.attempts().record(entry("t", "e", 1));
    assertEquals(1, store.stats().droppedAttempts());
  }

  @Test
  void refusesWritesThatItsQueueHasNoRoomFor() {
    reopen(StoreOptions.DEFAULT.withLinger(Duration.ofSeconds(20)).withQueue(4, 1 << 20));
    List<CompletionStage<Long>> stages = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      stages.add(store.journal().append("t", event("e" + i)));
    }

    StoreException refusal = failure(store.journal().append("t", event("one too many")));
    store.attempts().record(entry("t", "e", 1));

    assertTrue(refusal.getMessage().contains("queue is full"), refusal.getMessage());
    assertEquals(4, store.stats().queuedWrites());
    assertEquals(1, store.stats().droppedAttempts());
    store.close();
    stages.forEach(StoreContract::await);
  }

  @Test
  void boundsItsQueueInBytesButTakesOneLargeWrite() {
    reopen(StoreOptions.DEFAULT.withLinger(Duration.ofSeconds(20)).withQueue(100, 1000));
    CompletionStage<Long> large = store.journal().append("t", event("e", new byte[1 << 20]));

    StoreException refusal = failure(store.journal().append("t", event("e")));

    assertTrue(refusal.getMessage().contains("queue is full"), refusal.getMessage());
    store.close();
    await(large);
  }

  @Test
  void keepsATenMegabyteEvent() {
    byte[] data = new byte[10 << 20];
    data[data.length - 1] = 7;

    await(store.journal().append("t", event("large", data)));
    reopen();

    assertArrayEquals(data, only(journalAfterRestart("t")).event().data());
  }

  // Helpers

  /** As a trigger reads it when it starts. */
  private static List<DetachedEvent> events(String ids, int count) {
    return IntStream.range(0, count).mapToObj(i -> event(ids + i)).toList();
  }

  private static List<String> ids(String prefix, int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> prefix + i).toList();
  }

  private static List<String> namesOf(List<Journal.Entry> entries) {
    return entries.stream().map(entry -> entry.event().id()).toList();
  }

  private int journalRows() {
    return await(
        ((JdbcStore) store)
            .writer()
            .submit(
                Write.returning(
                    "SELECT COUNT(*) FROM journal",
                    Write.Order.KEPT,
                    1,
                    statement -> {},
                    rows -> rows.next() ? rows.getInt(1) : -1)));
  }

  final List<Journal.Entry> journalAfterRestart(String trigger) {
    store.journal().takeOver(trigger);
    return store.journal().read(trigger, 0, Integer.MAX_VALUE);
  }

  /** Waits until everything queued before is committed. */
  final void settleWrites() {
    await(store.fireLedger().settle("nobody", NOW));
  }

  final List<DeadLetters.Summary> all() {
    return store.deadLetters().list(DeadLetters.Filter.ALL, 100);
  }

  static <T> T await(CompletionStage<T> stage) {
    return stage.toCompletableFuture().orTimeout(60, TimeUnit.SECONDS).join();
  }

  static StoreException failure(CompletionStage<?> stage) {
    CompletionException failure = assertThrows(CompletionException.class, () -> await(stage));
    return (StoreException) failure.getCause();
  }

  static <T> T only(List<T> list) {
    assertEquals(1, list.size(), list.toString());
    return list.getFirst();
  }

  static DetachedEvent event(String id) {
    return event(id, ("data of " + id).getBytes(StandardCharsets.UTF_8));
  }

  static DetachedEvent event(String id, byte[] data) {
    return DetachedEvent.of(id, "source", "type", NOW, data);
  }

  static Attempt attempt(int number) {
    return new Attempt(
        number,
        NOW.plusSeconds(number),
        Duration.ofNanos(1_234_567_000),
        FailureKind.TRAP,
        "unreachable\n\tat handle: \u20ac",
        "log \"line\"");
  }

  static AttemptHistory.Entry entry(String trigger, String eventId, int number) {
    return new AttemptHistory.Entry(trigger, "charge", eventId, attempt(number));
  }

  static DeadLetter letter(String trigger, String eventId, FailureKind failure) {
    return new DeadLetter(
        trigger + "/" + eventId,
        event(eventId).withKey(new byte[] {1}),
        trigger,
        "charge",
        "c0ffee",
        failure,
        "it failed",
        NOW.minusSeconds(9),
        NOW,
        List.of(attempt(1), attempt(2)),
        7);
  }

  static DeadLetter failedAt(DeadLetter letter, Instant time) {
    return new DeadLetter(
        letter.id(),
        letter.event(),
        letter.trigger(),
        letter.function(),
        letter.version(),
        letter.failure(),
        letter.error(),
        letter.receivedAt(),
        time,
        letter.attempts(),
        letter.attemptCount());
  }

  static DeadLetter recorded(DeadLetter letter, Recording recording) {
    return new DeadLetter(
        letter.id(),
        letter.event(),
        letter.trigger(),
        letter.function(),
        letter.version(),
        letter.failure(),
        letter.error(),
        letter.receivedAt(),
        letter.failedAt(),
        letter.attempts(),
        letter.attemptCount(),
        Optional.of(recording));
  }

  static Parked retry(String id, Instant dueAt) {
    return new Parked(
        id,
        event("event of " + id),
        "t",
        "charge",
        2,
        NOW.minusSeconds(30),
        dueAt,
        List.of(attempt(1), attempt(2)));
  }

  private static List<String> ids(List<Parked> parked) {
    return parked.stream().map(Parked::id).toList();
  }

  private static List<String> eventIds(List<DeadLetters.Summary> summaries) {
    return summaries.stream().map(DeadLetters.Summary::eventId).toList();
  }
}
