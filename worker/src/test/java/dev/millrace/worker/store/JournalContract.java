package dev.millrace.worker.store;

import static dev.millrace.worker.store.StoreFixtures.NOW;
import static dev.millrace.worker.store.StoreFixtures.await;
import static dev.millrace.worker.store.StoreFixtures.event;
import static dev.millrace.worker.store.StoreFixtures.events;
import static dev.millrace.worker.store.StoreFixtures.failure;
import static dev.millrace.worker.store.StoreFixtures.ids;
import static dev.millrace.worker.store.StoreFixtures.namesOf;
import static dev.millrace.worker.store.StoreFixtures.only;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.abi.Header;
import dev.millrace.triggers.Journal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What every {@link Journal} does, whatever the database. */
interface JournalContract extends StoreUnderTest {

  @Test
  default void givesBackWhatWasAppendedInTheOrderOfReceipt() {
    List<CompletionStage<Long>> stages =
        IntStream.range(0, 250)
            .mapToObj(i -> store().journal().append("t", event("e" + i)))
            .toList();
    List<Long> sequences = stages.stream().map(StoreFixtures::await).toList();
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
  default void keepsAnEventByteForByte() {
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

    await(store().journal().append("t", event));

    DetachedEvent kept = store().journal().read("t", 0, 1).getFirst().event();
    assertEquals(event.time(), kept.time());
    assertEquals(event.extensions(), kept.extensions());
    assertArrayEquals(event.key(), kept.key());
    assertArrayEquals(event.headers().getLast().value(), kept.headers().getLast().value());
    assertEquals(null, kept.data());
  }

  @Test
  default void keepsTheJournalsOfTriggersApart() {
    await(store().journal().append("a", event("1")));
    await(store().journal().append("b", event("2")));

    assertEquals("1", only(store().journal().read("a", 0, 10)).event().id());
    assertEquals("2", only(store().journal().read("b", 0, 10)).event().id());
    assertEquals(List.of(), store().journal().read("c", 0, 10));
  }

  @Test
  default void readsAJournalPageByPage() {
    for (int i = 0; i < 5; i++) {
      await(store().journal().append("t", event("e" + i)));
    }

    List<Journal.Entry> first = store().journal().read("t", 0, 2);
    List<Journal.Entry> second = store().journal().read("t", first.getLast().sequence(), 2);
    List<Journal.Entry> third = store().journal().read("t", second.getLast().sequence(), 2);

    assertEquals(List.of("e0", "e1"), first.stream().map(each -> each.event().id()).toList());
    assertEquals(List.of("e2", "e3"), second.stream().map(each -> each.event().id()).toList());
    assertEquals(List.of("e4"), third.stream().map(each -> each.event().id()).toList());
  }

  @Test
  default void forgetsRemovedEventsAndNeverGivesTheirSequenceAgain() {
    Set<Long> seen = new HashSet<>();
    for (int round = 0; round < 3; round++) {
      long sequence = await(store().journal().append("t", event("e")));
      assertTrue(seen.add(sequence), "sequence " + sequence + " came twice");
      await(store().journal().remove("t", sequence));
      reopen();
      assertEquals(List.of(), journalAfterRestart("t"));
    }
  }

  @Test
  default void removesManyEventsAtOnceAndNoneBetweenThem() {
    List<Long> sequences = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      sequences.add(await(store().journal().append("t", event("e" + i))));
    }

    await(
        store()
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
  default void givesEventsThatAreAppendedTogetherSequencesWithoutGaps() {
    CompletionStage<Long> one = store().journal().append("t", event("before"));
    CompletionStage<Long> many = store().journal().append("t", events("e", 300));
    CompletionStage<Long> other = store().journal().append("other", events("o", 3));
    CompletionStage<Long> last = store().journal().append("t", event("after"));

    long first = await(many);
    Set<Long> sequences = new HashSet<>(List.of(await(one), await(last)));
    sequences.addAll(LongStream.range(first, first + 300).boxed().toList());
    sequences.addAll(LongStream.range(await(other), await(other) + 3).boxed().toList());

    assertEquals(305, sequences.size(), "a sequence came twice");
    List<Journal.Entry> read = store().journal().read("t", await(one), 300);
    assertEquals(
        LongStream.range(first, first + 300).boxed().toList(),
        read.stream().map(Journal.Entry::sequence).toList());
    assertEquals(ids("e", 0, 300), namesOf(read));
  }

  @Test
  default void readsPagesThatBeginAmongEventsAppendedTogether() {
    await(store().journal().append("t", events("a", 100)));
    await(store().journal().append("t", event("b0")));
    await(store().journal().append("t", events("c", 50)));
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
    return store().journal().read("t", after, 7);
  }

  @Test
  default void forgetsSomeOfTheEventsThatWereAppendedTogether() {
    long first = await(store().journal().append("t", events("e", 100)));
    List<Long> removed = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      if (i % 10 != 3) {
        removed.add(first + i);
      }
    }
    Collections.shuffle(removed, new Random(17));
    for (int i = 0; i < removed.size(); i += 30) {
      await(store().journal().remove("t", removed.subList(i, i + 30)));
    }
    reopen();

    List<Journal.Entry> kept = journalAfterRestart("t");

    assertEquals(
        List.of("e3", "e13", "e23", "e33", "e43", "e53", "e63", "e73", "e83", "e93"),
        namesOf(kept));
    await(store().journal().remove("t", kept.stream().map(Journal.Entry::sequence).toList()));
    assertEquals(List.of(), journalAfterRestart("t"));
    assertEquals(0, journalRows(), "nothing of them is left");
  }

  @Test
  default void forgetsWhatIsFinishedOfManyRowsWhateverTheOrder() {
    Random random = new Random();
    long seed = random.nextLong();
    random.setSeed(seed);
    Map<Long, String> kept = new TreeMap<>();
    List<Long> finished = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      int size = 1 + random.nextInt(i % 3 == 0 ? 200 : 3);
      String trigger = random.nextInt(4) == 0 ? "other" : "t";
      long first = await(store().journal().append(trigger, events(i + "/", size)));
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
      removals.add(store().journal().remove("t", finished.subList(i, to)));
      i = to;
    }
    removals.forEach(StoreFixtures::await);

    List<Journal.Entry> read = store().journal().read("t", 0, Integer.MAX_VALUE);

    Map<Long, String> there = new TreeMap<>();
    read.forEach(entry -> there.put(entry.sequence(), entry.event().id()));
    assertEquals(kept, there, "seed " + seed);
  }

  @Test
  default void appendsAllOrNone() {
    reopen(StoreOptions.DEFAULT.withQueue(1, 1 << 20).withLinger(Duration.ofMillis(500)));
    CompletionStage<Long> kept = store().journal().append("t", events("a", 10));
    CompletionStage<Long> refused = store().journal().append("t", events("b", 10));

    assertTrue(failure(refused).getMessage().contains("queue is full"));
    await(kept);
    assertEquals(ids("a", 0, 10), namesOf(journalAfterRestart("t")));
  }

  @Test
  default void removingWhatIsNotThereIsHarmless() {
    await(store().journal().remove("t", 17));
  }

  @Test
  default void keepsEveryConfirmedEventOfManyThreads() throws InterruptedException {
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
                  stages.add(store().journal().append(trigger, event(ids + i)));
                }
                for (int i = 0; i < each; i++) {
                  long sequence = await(stages.get(i));
                  confirmed.add(ids + i);
                  if (i % 3 == 0) {
                    await(store().journal().remove(trigger, sequence));
                    removed.add(ids + i);
                  }
                }
                done.countDown();
              });
    }
    assertTrue(done.await(60, TimeUnit.SECONDS));
    StoreStats stats = store().stats();
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

  private int journalRows() {
    return await(
        ((JdbcStore) store())
            .writer()
            .submit(
                Write.returning(
                    "SELECT COUNT(*) FROM journal",
                    Write.Order.KEPT,
                    1,
                    statement -> {},
                    rows -> rows.next() ? rows.getInt(1) : -1)));
  }
}
