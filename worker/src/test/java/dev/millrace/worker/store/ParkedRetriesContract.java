package dev.millrace.worker.store;

import static dev.millrace.worker.store.StoreFixtures.NOW;
import static dev.millrace.worker.store.StoreFixtures.await;
import static dev.millrace.worker.store.StoreFixtures.ids;
import static dev.millrace.worker.store.StoreFixtures.only;
import static dev.millrace.worker.store.StoreFixtures.retry;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.worker.store.ParkedRetries.Parked;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What every {@link ParkedRetries} do, whatever the database. */
interface ParkedRetriesContract extends StoreUnderTest {

  @Test
  default void parksAsManyRetriesOfATriggerAsItMayHave() {
    ParkedRetries parked = store().parked();
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
  default void countsParkedRetriesOfAnEarlierWorker() {
    await(store().parked().park(retry("t/1", NOW)));
    reopen();
    assertEquals(0, store().parked().count("t"));

    store().parked().recount();

    assertEquals(1, store().parked().count("t"));
    assertEquals(0, store().parked().count("other"));
    assertFalse(await(store().parked().park(retry("t/2", NOW), 1)));
  }

  @Test
  default void handsOutDueRetriesOnceAndTheLongestDueFirst() {
    ParkedRetries parked = store().parked();
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
  default void keepsAParkedRetryAsItWas() {
    Parked retry = retry("r", NOW);
    await(store().parked().park(retry));
    reopen();

    Parked kept = only(store().parked().takeDue(NOW, 10));

    assertEquals(retry.id(), kept.id());
    assertEquals(retry.failedAttempts(), kept.failedAttempts());
    assertEquals(retry.receivedAt(), kept.receivedAt());
    assertEquals(retry.dueAt(), kept.dueAt());
    assertEquals(retry.attempts(), kept.attempts());
    assertEquals(retry.function(), kept.function());
    assertArrayEquals(retry.event().data(), kept.event().data());
  }

  @Test
  default void handsARetryOutAgainOnceItIsParkedAgain() {
    ParkedRetries parked = store().parked();
    await(parked.park(retry("r", NOW)));
    parked.takeDue(NOW, 10);

    await(parked.park(retry("r", NOW.plusSeconds(5))));

    assertEquals(List.of(), ids(parked.takeDue(NOW, 10)));
    assertEquals(List.of("r"), ids(parked.takeDue(NOW.plusSeconds(5), 10)));
  }

  @Test
  default void handsARetryOutAgainOnceItIsGivenBack() {
    ParkedRetries parked = store().parked();
    await(parked.park(retry("r", NOW)));
    parked.takeDue(NOW, 10);

    parked.giveBack("r");

    assertEquals(Optional.of(NOW), parked.nextDue());
    assertEquals(List.of("r"), ids(parked.takeDue(NOW, 10)));
  }

  @Test
  default void handsATakenRetryOutAgainAfterARestart() {
    await(store().parked().park(retry("r", NOW)));
    store().parked().takeDue(NOW, 10);
    reopen();

    assertEquals(List.of("r"), ids(store().parked().takeDue(NOW, 10)));
  }

  @Test
  default void forgetsARemovedRetry() {
    ParkedRetries parked = store().parked();
    await(parked.park(retry("r", NOW)));

    assertTrue(await(parked.remove("r")));
    assertFalse(await(parked.remove("r")));

    assertEquals(List.of(), ids(parked.list(Optional.empty(), 10)));
    assertEquals(Optional.empty(), parked.nextDue());
    assertEquals(Map.of(), parked.countByTrigger());
  }

  @Test
  default void listsParkedRetriesWithoutHandingThemOut() {
    ParkedRetries parked = store().parked();
    await(parked.park(retry("b", NOW.plusSeconds(2))));
    await(parked.park(retry("a", NOW.plusSeconds(1))));

    assertEquals(List.of("a", "b"), ids(parked.list(Optional.of("t"), 10)));
    assertEquals(List.of(), ids(parked.list(Optional.of("other"), 10)));
    assertEquals(List.of("a", "b"), ids(parked.takeDue(NOW.plusSeconds(9), 10)));
  }

  @Test
  default void keepsARetryThatIsDueAtTheEndOfTime() {
    await(store().parked().park(retry("never", Instant.MAX)));

    assertEquals(List.of(), ids(store().parked().takeDue(NOW, 10)));
    assertEquals(List.of("never"), ids(store().parked().list(Optional.empty(), 10)));
  }
}
