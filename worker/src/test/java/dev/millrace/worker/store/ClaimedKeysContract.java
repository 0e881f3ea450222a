package dev.millrace.worker.store;

import static dev.millrace.worker.store.StoreFixtures.NOW;
import static dev.millrace.worker.store.StoreFixtures.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What claims of {@code once} do, whatever the database. */
interface ClaimedKeysContract extends StoreUnderTest {

  @Test
  default void aKeyIsClaimedByOneOwner() {
    ClaimedKeys keys = store().claimedKeys();
    Instant later = NOW.plusSeconds(60);

    assertTrue(await(keys.claim("f", "k", "a", NOW, later)));
    assertFalse(await(keys.claim("f", "k", "b", NOW, later)));
    assertTrue(await(keys.claim("f", "k", "a", NOW, later)), "its owner has it");
    assertTrue(await(keys.claim("g", "k", "b", NOW, later)), "of another function");
    assertFalse(keys.isDone("f", "k"));
  }

  @Test
  default void aClaimEndsWithItsLease() {
    ClaimedKeys keys = store().claimedKeys();
    await(keys.claim("f", "k", "a", NOW, NOW.plusSeconds(60)));
    reopen();

    assertFalse(
        await(
            store().claimedKeys().claim("f", "k", "b", NOW.plusSeconds(59), NOW.plusSeconds(99))));
    assertTrue(
        await(
            store().claimedKeys().claim("f", "k", "b", NOW.plusSeconds(60), NOW.plusSeconds(99))));
  }

  @Test
  default void aKeyThatIsDoneIsNotClaimedWhileItIsRemembered() {
    ClaimedKeys keys = store().claimedKeys();
    await(keys.claim("f", "k", "a", NOW, NOW.plusSeconds(60)));
    await(keys.finish("f", "k", "a", NOW.plusSeconds(600)));
    await(keys.giveUp("f", "k", "a"));

    assertFalse(await(keys.claim("f", "k", "b", NOW.plusSeconds(599), NOW.plusSeconds(900))));
    assertFalse(await(keys.claim("f", "k", "a", NOW.plusSeconds(599), NOW.plusSeconds(900))));
    assertTrue(keys.isDone("f", "k"));
    assertTrue(await(keys.claim("f", "k", "b", NOW.plusSeconds(600), NOW.plusSeconds(900))));
  }

  @Test
  default void onlyTheOwnerGivesAClaimUp() {
    ClaimedKeys keys = store().claimedKeys();
    await(keys.claim("f", "k", "a", NOW, NOW.plusSeconds(60)));
    await(keys.giveUp("f", "k", "b"));
    assertFalse(await(keys.claim("f", "k", "b", NOW, NOW.plusSeconds(60))));

    await(keys.giveUp("f", "k", "a"));
    assertTrue(await(keys.claim("f", "k", "b", NOW, NOW.plusSeconds(60))));
    assertEquals(0, await(keys.forget(NOW)));
    assertEquals(1, await(keys.forget(NOW.plusSeconds(60))));
  }
}
