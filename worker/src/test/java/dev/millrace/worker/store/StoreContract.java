package dev.millrace.worker.store;

import static dev.millrace.worker.store.StoreFixtures.await;
import static dev.millrace.worker.store.StoreFixtures.entry;
import static dev.millrace.worker.store.StoreFixtures.event;
import static dev.millrace.worker.store.StoreFixtures.failure;
import static dev.millrace.worker.store.StoreFixtures.only;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every {@link Store} does, whatever the database: as a whole here, each part in its contract.
 */
abstract class StoreContract
    implements JournalContract,
        FireLedgerContract,
        DeadLettersContract,
        ReplaysContract,
        ParkedRetriesContract,
        ParkedKeysContract,
        ClaimedKeysContract,
        StoredValuesContract,
        SeenEventsContract,
        AttemptHistoryContract {

  private Store store;

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

  @Override
  public final Store store() {
    return store;
  }

  @Override
  public final void reopen(StoreOptions options) {
    store.close();
    store = open(options);
  }

  @Test
  void commitsWhatIsQueuedWhenItIsClosed() {
    reopen(StoreOptions.DEFAULT.withLinger(Duration.ofSeconds(20)));
    List<CompletionStage<Long>> stages =
        IntStream.range(0, 50).mapToObj(i -> store.journal().append("t", event("e" + i))).toList();

    store.close();

    stages.forEach(StoreFixtures::await);
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
    stages.forEach(StoreFixtures::await);
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
}
