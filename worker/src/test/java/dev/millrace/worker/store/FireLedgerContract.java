package dev.millrace.worker.store;

import static dev.millrace.worker.store.StoreFixtures.NOW;
import static dev.millrace.worker.store.StoreFixtures.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.triggers.cron.Fire;
import dev.millrace.triggers.cron.FireLedger;
import dev.millrace.triggers.cron.FireLedger.State;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * What every {@link FireLedger} does, and what is done to schedules by hand, whatever the database.
 */
interface FireLedgerContract extends StoreUnderTest {

  @Test
  default void letsOneClaimOfAGridTimeWin() {
    FireLedger ledger = store().fireLedger();
    List<CompletionStage<Boolean>> claims =
        IntStream.range(0, 10).mapToObj(i -> ledger.claim("t", NOW, State.OPEN)).toList();

    assertEquals(1, claims.stream().filter(StoreFixtures::await).count());
    assertTrue(await(ledger.claim("other", NOW, State.OPEN)));
    assertTrue(await(ledger.claim("t", NOW.plusSeconds(1), State.OPEN)));
    reopen();
    assertFalse(await(store().fireLedger().claim("t", NOW, State.OPEN)));
  }

  @Test
  default void knowsWhichGridTimesAreOpenAndWhichIsTheLatest() {
    FireLedger ledger = store().fireLedger();
    await(ledger.claim("t", NOW.plusSeconds(2), State.OPEN));
    await(ledger.claim("t", NOW.plusSeconds(1), State.OPEN));
    await(ledger.claim("t", NOW.plusSeconds(3), State.OPEN));
    await(ledger.claim("t", NOW.plusSeconds(4), State.SKIPPED));
    await(ledger.settle("t", NOW.plusSeconds(2)));
    reopen();

    assertEquals(
        List.of(Fire.scheduled(NOW.plusSeconds(1)), Fire.scheduled(NOW.plusSeconds(3))),
        store().fireLedger().open("t"));
    assertEquals(Optional.of(NOW.plusSeconds(4)), store().fireLedger().latest("t"));
    assertEquals(Optional.empty(), store().fireLedger().latest("never"));
    assertEquals(List.of(), store().fireLedger().open("never"));
  }

  @Test
  default void settlesAClaimThatIsNotYetConfirmed() {
    CompletionStage<Boolean> claim = store().fireLedger().claim("t", NOW, State.OPEN);
    CompletionStage<Void> settlement = store().fireLedger().settle("t", NOW);

    assertTrue(await(claim));
    await(settlement);
    assertEquals(List.of(), store().fireLedger().open("t"));
  }

  @Test
  default void takesOverWhatWasOpenWhenTheWorkerEnded() {
    await(store().fireLedger().claim("t", NOW, State.OPEN));
    reopen();

    assertEquals(List.of(Fire.scheduled(NOW)), store().fireLedger().takeOver("t"));
  }

  @Test
  default void remembersThatATriggerIsPaused() {
    assertFalse(store().fireLedger().paused("t"));
    assertTrue(await(store().cron().pause("t", NOW)));
    assertFalse(await(store().cron().pause("t", NOW.plusSeconds(1))));
    reopen();

    assertTrue(store().fireLedger().paused("t"));
    assertFalse(store().fireLedger().paused("other"));
    assertEquals(Optional.of(NOW), store().cron().standings().get("t").pausedSince());
    assertTrue(await(store().cron().resume("t")));
    assertFalse(await(store().cron().resume("t")));
    assertFalse(store().fireLedger().paused("t"));
  }

  @Test
  default void handsOutARequestedFireOnceAndThoseByHandFirst() {
    Fire past = Fire.backfill(NOW.minusSeconds(60));
    Fire byHand = Fire.manual(NOW);
    assertEquals(2, await(store().cron().request("t", List.of(past, byHand), false)));
    FireLedger ledger = store().fireLedger();

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
  default void firesAGridTimeThatHasFiredAgainOnlyIfThatIsAskedFor() {
    FireLedger ledger = store().fireLedger();
    Instant settled = NOW.truncatedTo(ChronoUnit.SECONDS);
    Instant skipped = settled.plusSeconds(1);
    Instant open = settled.plusSeconds(2);
    await(ledger.claim("t", settled, State.OPEN));
    await(ledger.settle("t", settled));
    await(ledger.claim("t", skipped, State.SKIPPED));
    await(ledger.claim("t", open, State.OPEN));
    List<Fire> all = List.of(Fire.backfill(settled), Fire.backfill(skipped), Fire.backfill(open));

    assertEquals(1, await(store().cron().request("t", all, false)));
    assertEquals(List.of(Fire.backfill(skipped)), ledger.takeRequests("t", 10));
    assertEquals(1, await(store().cron().request("t", all, true)));
    assertEquals(List.of(Fire.backfill(settled)), ledger.takeRequests("t", 10));
    assertFalse(await(ledger.claim("t", settled, State.OPEN)), "it is in the ledger");
    assertEquals(3, store().cron().recorded("t", settled, open).size());
    assertEquals(3, store().cron().standings().get("t").open());
  }

  @Test
  default void tellsAWatchWhatAPersonDid() throws InterruptedException {
    CountDownLatch told = new CountDownLatch(1);
    store().fireLedger().watch("t", told::countDown);

    await(store().cron().pause("t", NOW));

    assertTrue(told.await(60, TimeUnit.SECONDS));
  }
}
