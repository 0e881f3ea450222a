package dev.millrace.worker.store;

import static dev.millrace.worker.store.StoreFixtures.NOW;
import static dev.millrace.worker.store.StoreFixtures.await;
import static dev.millrace.worker.store.StoreFixtures.letter;
import static dev.millrace.worker.store.StoreFixtures.only;
import static dev.millrace.worker.store.StoreFixtures.retry;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.triggers.FailureKind;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What every {@link Replays} do, whatever the database. */
interface ReplaysContract extends StoreUnderTest {

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
  default void keepsAReplayAndHowFarItHasCome() {
    Replays.Replay replay = replay("a", NOW);
    await(store().replays().start(replay));
    assertEquals(List.of(replay), store().replays().running());
    assertTrue(await(store().replays().claim("a", "me", NOW, NOW.plusSeconds(15))));
    Replays.Progress half = new Replays.Progress(7, 1, 1, 0, "waiting");
    assertTrue(await(store().replays().advance("a", "me", half, Optional.empty())));
    reopen();

    assertEquals(half, only(store().replays().running()).progress());
    Replays.Progress whole = new Replays.Progress(12, 2, 1, 0, "");
    assertTrue(await(store().replays().advance("a", "me", whole, Optional.of(NOW))));
    assertEquals(List.of(), store().replays().running());
    Replays.Replay done = only(store().replays().list(10));
    assertEquals(Replays.State.DONE, done.state());
    assertEquals(Optional.of(NOW), done.endedAt());
    assertEquals(whole, done.progress());
  }

  @Test
  default void oneWorkerAtATimeSeesToAReplay() {
    Replays replays = store().replays();
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
  default void forgetsReplaysThatEndedLongAgo() {
    await(store().replays().start(replay("old", NOW)));
    await(store().replays().cancel("old", NOW));
    await(store().replays().start(replay("running", NOW)));

    await(store().replays().start(replay("new", NOW.plus(Duration.ofDays(31)))));

    assertEquals(
        List.of("new", "running"),
        store().replays().list(10).stream().map(Replays.Replay::id).toList());
  }

  @Test
  default void tellsWhichDeadLettersAreBeingReplayed() {
    await(store().deadLetters().store(letter("t", "1", FailureKind.TRAP)));
    await(store().deadLetters().store(letter("t", "2", FailureKind.TRAP)));
    await(store().parked().park(retry("t/2", NOW)));
    await(store().parked().park(retry("t/3", NOW)));

    assertEquals(Set.of("t/2"), store().replays().inFlight(List.of("t/1", "t/2")));
    assertEquals(
        List.of(store().deadLetters().find("t/2").orElseThrow().summary().number()),
        store().replays().inFlight());
  }
}
