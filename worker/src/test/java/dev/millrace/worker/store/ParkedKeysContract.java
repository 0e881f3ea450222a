package dev.millrace.worker.store;

import static dev.millrace.worker.store.StoreFixtures.NOW;
import static dev.millrace.worker.store.StoreFixtures.await;
import static dev.millrace.worker.store.StoreFixtures.event;
import static dev.millrace.worker.store.StoreFixtures.letter;
import static dev.millrace.worker.store.StoreFixtures.only;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.triggers.FailureKind;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What the queues of parked keys do, whatever the database. */
interface ParkedKeysContract extends StoreUnderTest {

  @Test
  default void keepsTheQueueOfAParkedKeyInOrder() {
    KeyQueues keys = store().keyQueues();
    await(keys.park("t", "a", "t/1", NOW));
    for (int i = 0; i < 30; i++) {
      assertTrue(await(keys.appendIfParked("t", "a", event("e" + i), NOW.plusMillis(i))));
      assertFalse(await(keys.appendIfParked("t", "b", event("other" + i), NOW)));
    }
    assertTrue(await(keys.appendIfParked("t", "a", event("e3"), NOW)), "there already");
    reopen();

    List<KeyQueues.Queued> queued = store().keyQueues().oldest("t", "a", 20);

    assertEquals(
        IntStream.range(0, 20).mapToObj(i -> "e" + i).toList(),
        queued.stream().map(each -> each.event().id()).toList());
    assertEquals(NOW.plusMillis(7), queued.get(7).receivedAt());
    assertEquals(Map.of("a", "t/1"), store().keyQueues().parked("t"));
    assertEquals(Map.of(), store().keyQueues().parked("other"));
    assertEquals(
        List.of(new KeyQueues.ParkedKey("t", "a", "t/1", NOW, 30)), store().keyQueues().list(10));
    assertEquals(Map.of("t", 1L), store().keyQueues().countByTrigger());
    assertEquals(List.of(), store().keyQueues().oldest("t", "b", 20));
  }

  @Test
  default void aKeyIsFreeOnceItsDeadLetterHasLeft() {
    KeyQueues keys = store().keyQueues();
    await(store().deadLetters().store(letter("t", "1", FailureKind.TRAP)));
    await(keys.park("t", "a", "t/1", NOW));
    await(keys.appendIfParked("t", "a", event("e"), NOW));
    assertEquals(List.of(), keys.freed(10));

    await(store().deadLetters().remove(List.of("t/1")));

    assertEquals(List.of("a"), keys.freed(10).stream().map(KeyQueues.ParkedKey::lane).toList());
    assertEquals(false, await(keys.unparkIfEmpty("t", "a")));
    long sequence = only(keys.oldest("t", "a", 10)).sequence();
    assertEquals(true, await(keys.remove(sequence)));
    assertEquals(false, await(keys.remove(sequence)));
    assertEquals(true, await(keys.unparkIfEmpty("t", "a")));
    assertEquals(Map.of(), keys.parked("t"));
  }

  @Test
  default void parksAKeyBehindAnotherDeadLetter() {
    KeyQueues keys = store().keyQueues();
    await(keys.park("t", "a", "t/1", NOW));
    await(keys.park("t", "a", "t/2", NOW.plusSeconds(1)));

    assertEquals(Map.of("a", "t/2"), keys.parked("t"));
  }

  @Test
  default void nobodyDrainsAKeyThatHasBeenParkedAgainSinceItWasSeenFree() {
    KeyQueues keys = store().keyQueues();
    await(keys.park("t", "a", "t/1", NOW));
    assertEquals(1, keys.freed(10).size());
    assertTrue(await(keys.claim("t", "a")));
    await(store().deadLetters().store(letter("t", "2", FailureKind.TRAP)));
    await(keys.park("t", "a", "t/2", NOW));

    assertFalse(await(keys.claim("t", "a")));
    assertFalse(await(keys.unparkIfEmpty("t", "a")), "it waits for the other letter");
    await(store().deadLetters().remove(List.of("t/2")));
    assertTrue(await(keys.claim("t", "a")));
    assertTrue(await(keys.unparkIfEmpty("t", "a")));
    assertFalse(await(keys.claim("t", "a")), "it is not parked");
  }

  @Test
  default void aTakenKeyHoldsWhatIsInItsQueue() {
    KeyQueues keys = store().keyQueues();
    await(keys.park("t", "a", "t/1", NOW));
    await(keys.appendIfParked("t", "a", event("e"), NOW));
    long sequence = only(keys.oldest("t", "a", 10)).sequence();
    assertTrue(await(keys.claim("t", "a")));

    assertTrue(await(keys.holds("t", "a", sequence)));
    assertFalse(await(keys.holds("t", "a", sequence + 1)));
    await(keys.remove(sequence));
    assertFalse(await(keys.holds("t", "a", sequence)));
  }
}
