package dev.millrace.worker.store;

import static dev.millrace.worker.store.StoreFixtures.NOW;
import static dev.millrace.worker.store.StoreFixtures.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** What every {@link SeenEvents} do, whatever the database. */
interface SeenEventsContract extends StoreUnderTest {

  @Test
  default void remembersAnEventForItsTime() {
    SeenEvents seen = store().seenEvents();
    await(seen.remember("t", "source\nid", NOW.plusSeconds(60)));
    reopen();

    assertTrue(store().seenEvents().seen("t", "source\nid", NOW.plusSeconds(59)));
    assertFalse(store().seenEvents().seen("t", "source\nid", NOW.plusSeconds(60)));
    assertFalse(store().seenEvents().seen("t", "source\nother", NOW));
    assertFalse(store().seenEvents().seen("other", "source\nid", NOW));
  }

  @Test
  default void forgetsWhatItNeedRememberNoLonger() {
    SeenEvents seen = store().seenEvents();
    await(seen.remember("t", "a", NOW.plusSeconds(1)));
    await(seen.remember("t", "b", NOW.plusSeconds(1)));
    await(seen.remember("t", "b", NOW.plusSeconds(9)));

    assertEquals(1, await(seen.forget(NOW.plusSeconds(5))));
    assertFalse(seen.seen("t", "a", NOW));
    assertTrue(seen.seen("t", "b", NOW));
  }
}
