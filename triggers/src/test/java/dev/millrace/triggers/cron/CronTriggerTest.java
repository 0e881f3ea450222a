package dev.millrace.triggers.cron;

import static dev.millrace.triggers.cron.CronBench.NAME;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.abi.Event;
import dev.millrace.triggers.Settlement;
import dev.millrace.triggers.Trigger;
import dev.millrace.triggers.TriggerStatus.State;
import dev.millrace.triggers.cron.CronOptions.Missed;
import dev.millrace.triggers.cron.CronOptions.Overlap;
import dev.millrace.triggers.testing.InMemoryFireLedger;
import dev.millrace.triggers.testing.InMemoryFireLedger.Health;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CronTriggerTest {

  private final CronBench bench = CronBench.at("2026-01-01T10:00:30Z");

  // What an event is

  @Test
  void describesTheGridTimeInTheEvent() {
    bench.start(Missed.SKIP, Overlap.SKIP);

    bench.time.advanceTo("2026-01-01T10:01:00Z");

    Event event = bench.intake.events().getFirst();
    assertEquals("cron:nightly:2026-01-01T10:01:00Z", event.id());
    assertEquals("cron:nightly", event.source());
    assertEquals("dev.millrace.cron.fire", event.type());
    assertEquals(Instant.parse("2026-01-01T10:01:00Z"), event.time());
    assertEquals(Optional.of("application/json"), event.dataContentType());
    assertArrayEquals("{}".getBytes(StandardCharsets.UTF_8), event.data());
    assertEquals(Map.of("cronschedule", "* * * * *", "cronzone", "Z"), event.extensions());
  }

  @Test
  void refusesAScheduleThatNeverFires() {
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> bench.trigger(CronBench.options("0 0 31 2 *", Missed.SKIP, Overlap.SKIP)));

    assertTrue(String.valueOf(refused.getMessage()).contains("never fires"));
  }

  // The regular course

  @Test
  void firesAtEachGridTimeAndRecordsItsSettlement() {
    bench.intake.settlingAll();
    bench.start(Missed.SKIP, Overlap.SKIP);

    bench.time.advanceTo("2026-01-01T10:03:59Z");

    assertEquals(List.of("10:01", "10:02", "10:03"), bench.fired());
    assertEquals(List.of("10:01", "10:02", "10:03"), bench.recorded(FireLedger.State.SETTLED));
  }

  @ParameterizedTest
  @EnumSource(Overlap.class)
  void asksALedgerOfItsOwnOnceWhatIsOpen(Overlap overlap) {
    bench.ledger.alone();
    bench.intake.settlingAll();
    bench.start(Missed.SKIP, overlap);
    int atTheStart = bench.ledger.looksForOpen();

    bench.time.advanceTo("2026-01-01T10:03:59Z");

    assertEquals(List.of("10:01", "10:02", "10:03"), bench.fired());
    assertEquals(atTheStart, bench.ledger.looksForOpen());
  }

  @Test
  void asksALedgerOfItsOwnAgainWhenAnAnswerWasLost() {
    bench.ledger.alone();
    bench.intake.settlingAll();
    bench.start(Missed.SKIP, Overlap.QUEUE);
    bench.ledger.health(InMemoryFireLedger.Health.ANSWERS_LOST);
    bench.time.advanceTo("2026-01-01T10:01:00Z");

    bench.ledger.health(InMemoryFireLedger.Health.GOOD);
    bench.time.advanceTo("2026-01-01T10:02:30Z");

    assertEquals(List.of("10:01", "10:02"), bench.fired());
  }

  @Test
  void beginsNowWhenItStartsForTheFirstTime() {
    bench.start(Missed.ALL, Overlap.ALLOW);

    assertEquals(List.of(), bench.fired());
    assertEquals(Map.of(), bench.ledger.recorded(NAME));
  }

  @Test
  void claimsBeforeItOffers() {
    bench.intake.setCapacity(0);
    bench.start(Missed.SKIP, Overlap.QUEUE);

    bench.time.advanceTo("2026-01-01T10:01:00Z");

    assertEquals(List.of("10:01"), bench.recorded(FireLedger.State.OPEN));
  }

  @Test
  void ringingEarlyOrTwiceDoesNoHarm() {
    bench.intake.settlingAll();
    bench.start(Missed.SKIP, Overlap.SKIP);
    bench.time.ringAll();
    bench.time.ringAll();

    bench.time.advanceTo("2026-01-01T10:01:00Z");

    assertEquals(List.of("10:01"), bench.fired());
  }

  @ParameterizedTest
  @EnumSource(
      value = Settlement.class,
      names = {"DONE", "DEAD_LETTERED", "PARKED", "DROPPED"})
  void recordsEveryAcknowledgedSettlement(Settlement settlement) {
    bench.start(Missed.SKIP, Overlap.SKIP);
    bench.time.advanceTo("2026-01-01T10:01:00Z");

    bench.intake.settleHeld(settlement);

    assertEquals(List.of("10:01"), bench.recorded(FireLedger.State.SETTLED));
  }

  // Overlap

  @Test
  void overlapSkipRecordsAGridTimeDuringAFireAsSkipped() {
    bench.start(Missed.SKIP, Overlap.SKIP);
    bench.time.advanceTo("2026-01-01T10:02:30Z");

    bench.intake.settleHeld(Settlement.DONE);
    bench.time.advanceTo("2026-01-01T10:03:00Z");

    assertEquals(List.of("10:01", "10:03"), bench.fired());
    assertEquals(List.of("10:02"), bench.recorded(FireLedger.State.SKIPPED));
    assertEquals(1, bench.signals.droppedCount());
  }

  @Test
  void overlapQueueFiresOneAfterAnother() {
    bench.start(Missed.SKIP, Overlap.QUEUE);
    bench.time.advanceTo("2026-01-01T10:03:30Z");
    assertEquals(List.of("10:01"), bench.fired());

    bench.intake.settleHeld(Settlement.DONE);

    assertEquals(List.of("10:01", "10:02"), bench.fired());
    assertEquals(List.of("10:02", "10:03"), bench.recorded(FireLedger.State.OPEN));
  }

  @Test
  void overlapAllowFiresAtOnce() {
    bench.start(Missed.SKIP, Overlap.ALLOW);

    bench.time.advanceTo("2026-01-01T10:03:00Z");

    assertEquals(List.of("10:01", "10:02", "10:03"), bench.fired());
    assertEquals(3, bench.intake.held().size());
  }

  // Missed

  /** What a downtime from 10:01:30 to 10:06:30 leaves, with a limit of three. */
  @ParameterizedTest
  @EnumSource(Missed.class)
  void missedGridTimesFollowThePolicyWhateverOverlapSays(Missed missed) {
    for (Overlap overlap : Overlap.values()) {
      CronBench first = CronBench.at("2026-01-01T10:00:30Z");
      first.intake.settlingAll();
      Trigger before = first.start(missed, overlap);
      first.time.advanceTo("2026-01-01T10:01:30Z");
      before.close();
      first.time.advanceTo("2026-01-01T10:06:30Z");
      CronBench second = first.restarted();
      second.intake.settlingAll();

      second.start(missed, overlap);

      List<String> all = List.of("10:02", "10:03", "10:04", "10:05", "10:06");
      int fired = missed == Missed.SKIP ? 0 : missed == Missed.LATEST ? 1 : 3;
      assertEquals(all.subList(5 - fired, 5), second.fired(), () -> missed + " " + overlap);
      assertEquals(all.subList(0, 5 - fired), second.recorded(FireLedger.State.SKIPPED));
      assertEquals(5 - fired, second.signals.droppedCount());
    }
  }

  @Test
  void caughtUpFiresQueueBehindOneAnotherWithOverlapSkip() {
    bench.intake.settlingAll();
    bench.start(Missed.ALL, Overlap.SKIP);
    bench.time.advanceTo("2026-01-01T10:01:00Z");
    CronBench second = bench.killedUntil("2026-01-01T10:03:30Z");
    second.start(Missed.ALL, Overlap.SKIP);
    assertEquals(List.of("10:02"), second.fired());

    second.intake.settleHeld(Settlement.DONE);

    assertEquals(List.of("10:02", "10:03"), second.fired());
  }

  @Test
  void recordsTheLatestThousandOfVeryManyMissedGridTimesAndReportsTheRestAsAGap() {
    bench.intake.settlingAll();
    bench.start(CronBench.options("* * * * * ?", Missed.LATEST, Overlap.SKIP));
    bench.time.advanceTo("2026-01-01T10:00:31Z");
    CronBench second = bench.killedUntil("2026-06-01T00:00:00Z");
    second.intake.settlingAll();

    second.start(CronBench.options("* * * * * ?", Missed.LATEST, Overlap.SKIP));

    assertEquals(List.of("00:00"), second.fired());
    assertEquals(Claim.MISSED_RECORDED - 1, second.signals.droppedCount());
    assertEquals(1, second.signals.gaps().size());
  }

  @Test
  void treatsWhatPassedWhileTheMachineSleptAsMissed() {
    bench.intake.settlingAll();
    bench.start(Missed.LATEST, Overlap.ALLOW);

    bench.time.jumpTo("2026-01-01T11:00:30Z");

    assertEquals(List.of("11:00"), bench.fired());
    assertEquals(59, bench.signals.droppedCount());
  }

  @Test
  void isNotLateWhenItIsWokenWithinAMinute() {
    bench.intake.settlingAll();
    bench.start(Missed.SKIP, Overlap.QUEUE);

    bench.time.jumpTo("2026-01-01T10:01:50Z");

    assertEquals(List.of("10:01"), bench.fired());
  }

  @Test
  void neverFiresTwiceWhenTheClockGoesBack() {
    bench.intake.settlingAll();
    bench.start(Missed.ALL, Overlap.ALLOW);
    bench.time.advanceTo("2026-01-01T10:05:30Z");

    bench.time.jumpTo("2026-01-01T10:00:30Z");
    bench.time.ringAll();
    bench.time.advanceTo("2026-01-01T10:06:30Z");

    assertEquals(List.of("10:01", "10:02", "10:03", "10:04", "10:05", "10:06"), bench.fired());
  }

  // Pause

  @ParameterizedTest
  @EnumSource(Missed.class)
  void gridTimesOfAPauseFollowMissed(Missed missed) {
    bench.intake.settlingAll();
    Trigger trigger = bench.start(missed, Overlap.SKIP);
    trigger.pause();
    bench.time.advanceTo("2026-01-01T10:02:30Z");
    assertEquals(List.of(), bench.fired());
    assertEquals(State.PAUSED, trigger.status().state());

    trigger.resume();
    bench.time.advanceTo("2026-01-01T10:03:00Z");

    List<String> expected =
        switch (missed) {
          case SKIP -> List.of("10:03");
          case LATEST -> List.of("10:02", "10:03");
          case ALL -> List.of("10:01", "10:02", "10:03");
        };
    assertEquals(expected, bench.fired());
  }

  // Crash and release

  @Test
  void firesAgainWhatWasOpenInACrashBeforeAnythingElse() {
    bench.start(Missed.LATEST, Overlap.QUEUE);
    bench.time.advanceTo("2026-01-01T10:02:30Z");
    CronBench second = bench.killedUntil("2026-01-01T10:04:30Z");
    second.intake.settlingAll();

    second.start(Missed.LATEST, Overlap.QUEUE);

    assertEquals(List.of("10:01", "10:02", "10:04"), second.fired());
    assertEquals("cron:nightly:2026-01-01T10:01:00Z", second.intake.events().getFirst().id());
  }

  @Test
  void offersAReleasedFireAgainAfterAWhile() {
    bench.start(Missed.SKIP, Overlap.QUEUE);
    bench.time.advanceTo("2026-01-01T10:01:00Z");

    bench.intake.settleHeld(Settlement.RELEASED);
    assertEquals(List.of("10:01"), bench.fired());
    bench.time.advance(Duration.ofSeconds(2));

    assertEquals(List.of("10:01", "10:01"), bench.fired());
    assertEquals(List.of("10:01"), bench.recorded(FireLedger.State.OPEN));
  }

  @Test
  void firesAReleasedFireAgainAfterARestart() {
    Trigger trigger = bench.start(Missed.SKIP, Overlap.SKIP);
    bench.time.advanceTo("2026-01-01T10:01:00Z");
    bench.intake.settleHeld(Settlement.RELEASED);
    trigger.close();
    CronBench second = bench.restarted();

    second.start(Missed.SKIP, Overlap.SKIP);

    assertEquals(List.of("10:01"), second.fired());
  }

  // No room

  @Test
  void waitsForRoomWithoutLosingAGridTime() {
    bench.intake.settlingAll();
    bench.intake.setCapacity(0);
    Trigger trigger = bench.start(Missed.SKIP, Overlap.ALLOW);
    bench.time.advanceTo("2026-01-01T10:03:30Z");
    assertTrue(trigger.status().detail().contains("3 fires wait"), trigger.status().detail());
    assertEquals(3, trigger.status().lag().orElseThrow());

    bench.intake.setCapacity(1);
    bench.time.advance(Duration.ofSeconds(10));

    assertEquals(List.of("10:01", "10:02", "10:03"), bench.fired());
  }

  @Test
  void leavesFurtherGridTimesOnTheClockWhenVeryManyWait() {
    bench.intake.setCapacity(0);
    Trigger trigger = bench.start(CronBench.options("* * * * * ?", Missed.SKIP, Overlap.ALLOW));
    bench.time.advance(Duration.ofSeconds(Claims.MOST_WAITING + 100));
    assertEquals(Claims.MOST_WAITING, trigger.status().lag().orElseThrow());

    bench.intake.settlingAll();
    bench.intake.setCapacity(1);
    bench.time.advance(Duration.ofSeconds(10));

    assertEquals(Claims.MOST_WAITING + 110, bench.fired().size());
    assertEquals(0, bench.signals.droppedCount());
  }

  // The ledger

  @Test
  void holdsTheGridTimesWhileTheLedgerIsAwayAndFiresThemAll() {
    bench.intake.settlingAll();
    Trigger trigger = bench.start(Missed.SKIP, Overlap.QUEUE);
    bench.ledger.health(Health.AWAY);
    bench.time.advanceTo("2026-01-01T10:05:30Z");
    assertEquals(List.of(), bench.fired());
    assertTrue(trigger.status().detail().contains("the store does not answer"));
    assertEquals(1, bench.signals.disconnections().size());

    bench.ledger.health(Health.GOOD);
    bench.time.advance(Duration.ofSeconds(30));

    assertEquals(List.of("10:01", "10:02", "10:03", "10:04", "10:05", "10:06"), bench.fired());
    assertEquals(2, bench.signals.connections().size());
  }

  @Test
  void firesOnceWhenTheLedgersAnswerIsLost() {
    bench.intake.settlingAll();
    bench.start(Missed.SKIP, Overlap.SKIP);
    bench.ledger.health(Health.ANSWERS_LOST);
    bench.time.advanceTo("2026-01-01T10:01:10Z");

    bench.ledger.health(Health.GOOD);
    bench.time.advanceTo("2026-01-01T10:01:50Z");

    assertEquals(List.of("10:01"), bench.fired());
    assertEquals(List.of("10:01"), bench.recorded(FireLedger.State.SETTLED));
  }

  @Test
  void recordsASettlementOnceTheLedgerIsBack() {
    bench.start(Missed.SKIP, Overlap.SKIP);
    bench.time.advanceTo("2026-01-01T10:01:00Z");
    bench.ledger.health(Health.AWAY);
    bench.intake.settleHeld(Settlement.DONE);
    assertEquals(List.of("10:01"), bench.recorded(FireLedger.State.OPEN));

    bench.ledger.health(Health.GOOD);
    bench.time.advanceTo("2026-01-01T10:01:59Z");

    assertEquals(List.of("10:01"), bench.recorded(FireLedger.State.SETTLED));
    assertEquals(List.of("10:01"), bench.fired());
  }

  @Test
  void waitsForTheLedgerAtTheStartAndCatchesUpAfterwards() {
    bench.intake.settlingAll();
    bench.start(Missed.ALL, Overlap.QUEUE).close();
    bench.ledger.claim(NAME, Instant.parse("2026-01-01T09:58:00Z"), FireLedger.State.OPEN);
    bench.ledger.health(Health.AWAY);
    Trigger trigger = bench.start(Missed.ALL, Overlap.QUEUE);
    bench.time.advanceTo("2026-01-01T10:01:30Z");
    assertEquals(State.CONNECTING, trigger.status().state());

    bench.ledger.health(Health.GOOD);
    bench.time.advance(Duration.ofSeconds(29));

    assertEquals(List.of("09:58", "09:59", "10:00", "10:01"), bench.fired());
    assertEquals(State.RUNNING, trigger.status().state());
  }

  // Replicas

  @ParameterizedTest
  @EnumSource(Overlap.class)
  void replicasFireEachGridTimeExactlyOnce(Overlap overlap) {
    CronBench other = bench.replica();
    bench.intake.settlingAll();
    other.intake.settlingAll();
    bench.start(Missed.ALL, overlap);
    other.start(Missed.ALL, overlap);

    bench.time.advanceTo("2026-01-01T10:10:30Z");

    List<String> fired =
        Stream.concat(bench.fired().stream(), other.fired().stream()).sorted().toList();
    assertEquals(10, fired.size());
    assertEquals(10, fired.stream().distinct().count());
    assertEquals(10, bench.recorded(FireLedger.State.SETTLED).size());
    assertEquals(10, bench.ledger.refusedClaims());
  }

  @Test
  void overlapSkipSeesAFireAtAnotherReplica() {
    CronBench other = bench.replica();
    bench.start(Missed.SKIP, Overlap.SKIP);
    other.start(Missed.SKIP, Overlap.SKIP);

    bench.time.advanceTo("2026-01-01T10:03:30Z");

    assertEquals(1, bench.fired().size() + other.fired().size());
    assertEquals(List.of("10:02", "10:03"), bench.recorded(FireLedger.State.SKIPPED));
  }

  @Test
  void overlapQueueWaitsForAFireAtAnotherReplica() {
    bench.start(Missed.SKIP, Overlap.QUEUE);
    bench.time.advanceTo("2026-01-01T10:01:30Z");
    CronBench other = bench.replica();
    bench.ledger.health(Health.AWAY); // so that the other one gets the next grid time
    Trigger second = other.start(Missed.SKIP, Overlap.QUEUE);
    bench.time.advanceTo("2026-01-01T10:02:30Z");
    assertEquals(List.of(), other.fired());
    assertTrue(second.status().detail().contains("another replica"), second.status().detail());

    bench.ledger.health(Health.GOOD);
    bench.intake.settleHeld(Settlement.DONE);
    bench.time.advanceTo("2026-01-01T10:02:59Z");

    assertEquals(List.of("10:02"), other.fired());
  }

  @Test
  void takesOverTheOpenFiresOfAReplicaThatIsGone() {
    Trigger dying = bench.start(Missed.SKIP, Overlap.ALLOW);
    bench.time.advanceTo("2026-01-01T10:01:30Z");
    CronBench other = bench.replica();
    other.intake.settlingAll();
    other.start(Missed.SKIP, Overlap.ALLOW);
    assertEquals(List.of(), other.fired());

    dying.close();
    bench.ledger.gone();

    assertEquals(List.of("10:01"), other.fired(), "without waiting for the next grid time");
    bench.time.advanceTo("2026-01-01T10:02:00Z");
    assertEquals(List.of("10:01", "10:02"), other.fired());
  }

  @ParameterizedTest
  @EnumSource(Overlap.class)
  void replicasWhoseClocksDifferFireEachGridTimeOnce(Overlap overlap) {
    CronBench other = bench.replica();
    bench.intake.settlingAll();
    other.intake.settlingAll();
    bench.startSkewed(Missed.ALL, overlap, Duration.ofSeconds(-1));
    other.startSkewed(Missed.ALL, overlap, Duration.ofSeconds(1));

    bench.time.advanceTo("2026-01-01T10:05:30Z");
    other.intake.setCapacity(0); // the fast clock's owner dies with its fires
    other.ledger.gone();
    bench.time.advanceTo("2026-01-01T10:10:30Z");

    List<String> fired =
        Stream.concat(bench.fired().stream(), other.fired().stream()).sorted().toList();
    assertEquals(fired.stream().distinct().toList(), fired);
    List<Instant> recorded = List.copyOf(bench.ledger.recorded(NAME).keySet());
    assertEquals(10, recorded.size());
    assertEquals(5, other.fired().size(), "the fast clock wins while it is there");
  }

  // By hand

  @Test
  void firesNowWhenAPersonAsks() {
    bench.intake.settlingAll();
    bench.start(Missed.SKIP, Overlap.SKIP);

    Fire byHand = Fire.manual(bench.time.instant());
    bench.ledger.request(NAME, byHand);

    Event event = bench.intake.events().getFirst();
    assertEquals("cron:nightly:manual:2026-01-01T10:00:30.000001Z", event.id());
    assertEquals("manual", event.extensions().get("cronkind"));
    bench.time.advanceTo("2026-01-01T10:01:00Z");
    assertEquals("cron:nightly:2026-01-01T10:01:00Z", bench.intake.ids().getLast());
    assertEquals(Map.of(), withKind(bench.intake.events().getLast()));
    assertEquals(2, bench.recorded(FireLedger.State.SETTLED).size());
  }

  private static Map<String, String> withKind(Event event) {
    return event.extensions().containsKey("cronkind") ? event.extensions() : Map.of();
  }

  @Test
  void letsOneReplicaFireByHand() {
    CronBench other = bench.replica();
    bench.intake.settlingAll();
    other.intake.settlingAll();
    bench.start(Missed.SKIP, Overlap.SKIP);
    other.start(Missed.SKIP, Overlap.SKIP);

    bench.ledger.request(NAME, Fire.manual(bench.time.instant()));

    assertEquals(1, bench.fired().size() + other.fired().size());
  }

  @Test
  void aFireByHandWaitsForOneThatRuns() {
    bench.start(Missed.SKIP, Overlap.SKIP);
    bench.time.advanceTo("2026-01-01T10:01:00Z");
    bench.ledger.request(NAME, Fire.manual(bench.time.instant()));
    assertEquals(1, bench.fired().size());

    bench.intake.settleHeld(Settlement.DONE);

    assertEquals(2, bench.fired().size());
  }

  @Test
  void aBackfillMakesNoGridTimeBeSkippedAndDelaysItByOneFireAtMost() {
    bench.start(Missed.SKIP, Overlap.SKIP);
    for (int minute = 10; minute < 15; minute++) {
      bench.ledger.request(
          NAME, Fire.backfill(Instant.parse("2026-01-01T09:%d:00Z".formatted(minute))));
    }
    assertEquals(List.of("09:10"), bench.fired());
    bench.time.advanceTo("2026-01-01T10:01:30Z");

    for (int i = 0; i < 6; i++) {
      bench.intake.settleHeld(Settlement.DONE);
    }

    assertEquals(List.of("09:10", "10:01", "09:11", "09:12", "09:13", "09:14"), bench.fired());
    assertEquals(List.of(), bench.recorded(FireLedger.State.SKIPPED));
    assertEquals("cron:nightly:2026-01-01T09:10:00Z", bench.intake.ids().getFirst());
    assertEquals("backfill", bench.intake.events().getFirst().extensions().get("cronkind"));
  }

  @Test
  void takesARequestWhoseAnswerWasLostAllTheSame() {
    bench.intake.settlingAll();
    bench.start(Missed.SKIP, Overlap.SKIP);
    bench.ledger.health(Health.ANSWERS_LOST);
    bench.ledger.request(NAME, Fire.backfill(Instant.parse("2026-01-01T09:00:00Z")));
    assertEquals(List.of(), bench.fired());

    bench.ledger.health(Health.GOOD);
    bench.time.advance(Duration.ofSeconds(5));

    assertEquals(List.of("09:00"), bench.fired());
  }

  @ParameterizedTest
  @EnumSource(Missed.class)
  void aPersonsPauseHoldsOverARestartAndItsGridTimesFollowMissed(Missed missed) {
    bench.intake.settlingAll();
    Trigger trigger = bench.start(missed, Overlap.SKIP);
    bench.ledger.pause(NAME, true);
    assertEquals(State.PAUSED, trigger.status().state());
    assertTrue(trigger.status().detail().contains("cron resume nightly"));
    trigger.close();
    CronBench second = bench.restarted();
    second.intake.settlingAll();
    second.start(missed, Overlap.SKIP);
    bench.time.advanceTo("2026-01-01T10:02:30Z");
    second.ledger.request(NAME, Fire.manual(bench.time.instant()));
    assertEquals(List.of("10:02:30.000001"), second.fired(), "by hand it fires");

    second.ledger.pause(NAME, false);
    bench.time.advanceTo("2026-01-01T10:03:00Z");

    List<String> expected =
        switch (missed) {
          case SKIP -> List.of("10:03");
          case LATEST -> List.of("10:02", "10:03");
          case ALL -> List.of("10:01", "10:02", "10:03");
        };
    assertEquals(expected, second.fired().subList(1, second.fired().size()));
  }

  @Test
  void claimsNothingWhileItIsNotKnownWhetherItIsPaused() {
    bench.ledger.pause(NAME, true);
    bench.ledger.health(Health.AWAY);
    bench.intake.settlingAll();
    bench.start(Missed.ALL, Overlap.ALLOW);
    bench.time.advanceTo("2026-01-01T10:02:30Z");

    bench.ledger.health(Health.GOOD);
    bench.time.advanceTo("2026-01-01T10:05:30Z");

    assertEquals(List.of(), bench.fired());
  }

  @Test
  void aClockSetForwardMissesWhatIsInBetween() {
    bench.intake.settlingAll();
    bench.start(Missed.LATEST, Overlap.SKIP);

    bench.time.jumpTo("2026-01-01T12:00:10Z");
    bench.time.advanceTo("2026-01-01T12:01:10Z");

    assertEquals(List.of("12:00", "12:01"), bench.fired());
    assertEquals(119, bench.recorded(FireLedger.State.SKIPPED).size());
  }

  // Jitter

  @Test
  void jitterDelaysTheFireAndNothingElse() {
    Duration jitter = Duration.ofSeconds(40);
    bench.start(
        CronBench.withJitter(CronBench.options("* * * * *", Missed.SKIP, Overlap.SKIP), jitter));
    Instant gridTime = Instant.parse("2026-01-01T10:01:00Z");
    Duration delay = new Jitter(jitter).of(NAME, gridTime);

    bench.time.advanceTo(gridTime.plus(delay).minusMillis(1));
    List<String> early = bench.fired();
    bench.time.advanceTo(gridTime.plus(delay));

    assertEquals(List.of(), early);
    assertEquals(gridTime, bench.intake.events().getFirst().time());
  }

  // Trouble

  @Test
  void reportsABugInsteadOfDyingInSilence() {
    List<String> told = new ArrayList<>();
    bench.intake.settlingBy(
        event -> {
          told.add(event.id());
          throw new IllegalStateException("bug");
        });
    Trigger trigger = bench.start(Missed.SKIP, Overlap.SKIP);

    bench.time.advanceTo("2026-01-01T10:01:00Z");

    assertEquals(1, told.size());
    assertEquals(State.FAILED, trigger.status().state());
    assertEquals(1, bench.signals.failures().size());
  }
}
