package dev.millrace.worker.store;

import static dev.millrace.worker.store.StoreFixtures.NOW;
import static dev.millrace.worker.store.StoreFixtures.await;
import static dev.millrace.worker.store.StoreFixtures.event;
import static dev.millrace.worker.store.StoreFixtures.eventIds;
import static dev.millrace.worker.store.StoreFixtures.failedAt;
import static dev.millrace.worker.store.StoreFixtures.letter;
import static dev.millrace.worker.store.StoreFixtures.only;
import static dev.millrace.worker.store.StoreFixtures.recorded;
import static dev.millrace.worker.store.StoreFixtures.retry;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.triggers.DeadLetter;
import dev.millrace.triggers.FailureKind;
import dev.millrace.triggers.Recording;
import dev.millrace.triggers.RecordingCodec;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What every {@link DeadLetters} do, whatever the database. */
interface DeadLettersContract extends StoreUnderTest {

  @Test
  default void keepsADeadLetterWithItsAttempts() {
    DeadLetter letter = letter("orders", "kafka:orders/3/1042", FailureKind.TRAP);
    await(store().deadLetters().store(letter));
    reopen();

    DeadLetters.Stored stored = store().deadLetters().find(letter.id()).orElseThrow();

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
  default void keepsOneRowForADeadLetterStoredTwice() {
    DeadLetters letters = store().deadLetters();
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
  default void findsADeadLetterByNumberIdAndStartOfItsId() {
    await(store().deadLetters().store(letter("t", "kafka:o/1/104", FailureKind.TRAP)));
    await(store().deadLetters().store(letter("t", "kafka:o/1/1042", FailureKind.TRAP)));
    await(store().deadLetters().store(letter("t", "kafka:o/1/20%", FailureKind.TRAP)));
    DeadLetters letters = store().deadLetters();
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
  default void listsTheDeadLettersThatAFilterWants() {
    DeadLetters letters = store().deadLetters();
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
  default void removesDeadLettersAndNeverGivesTheirNumberAgain() {
    DeadLetters letters = store().deadLetters();
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
  default void findsDeadLettersByVersionErrorTimeAndNumber() {
    DeadLetters letters = store().deadLetters();
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
  default void goesThroughDeadLettersInTheOrderInWhichTheyFirstFailed() {
    DeadLetters letters = store().deadLetters();
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
  default void keepsTheRecordingOfTheLastAttempt() {
    Recording recording =
        new Recording(
            "abc",
            new Recording.Limits(Duration.ofSeconds(3), 1L << 40, 1, 2, 3),
            7,
            8,
            new Recording.Tape(new byte[] {1}, new byte[] {2, 3}, true),
            Recording.Tape.EMPTY);
    await(store().deadLetters().store(recorded(letter("t", "1", FailureKind.TRAP), recording)));
    reopen();

    Recording kept = store().deadLetters().find("t/1").orElseThrow().letter().recording().get();
    assertArrayEquals(RecordingCodec.encode(recording), RecordingCodec.encode(kept));

    await(store().deadLetters().store(letter("t", "1", FailureKind.REJECTED)));
    assertEquals(
        Optional.empty(), store().deadLetters().find("t/1").orElseThrow().letter().recording());
  }

  @Test
  default void anEditedDeadLetterKeepsWhatWasReceivedAndWhatTheRecordedAttemptWasAt() {
    DeadLetters letters = store().deadLetters();
    DeadLetter letter = letter("t", "1", FailureKind.TRAP);
    await(letters.store(letter));
    assertTrue(await(letters.edit("t/1", event("1", new byte[] {1, 2, 3}))));
    assertTrue(await(letters.edit("t/1", event("1", new byte[] {4}))));
    reopen();

    DeadLetters.Stored edited = store().deadLetters().find("t/1").orElseThrow();
    assertArrayEquals(new byte[] {4}, edited.letter().event().data());
    assertEquals(1, edited.summary().eventBytes());
    assertTrue(edited.summary().edited());
    assertArrayEquals(letter.event().data(), edited.original().orElseThrow().data());
    assertArrayEquals(letter.event().data(), edited.recorded().data());

    // It was replayed as edited, and failed again.
    await(store().deadLetters().store(letter.withEvent(event("1", new byte[] {4}))));
    DeadLetters.Stored again = store().deadLetters().find("t/1").orElseThrow();
    assertArrayEquals(letter.event().data(), again.original().orElseThrow().data());
    assertArrayEquals(new byte[] {4}, again.recorded().data());
    assertFalse(await(store().deadLetters().edit("t/never", event("1"))));
  }

  @Test
  default void anEventThatIsBeingReplayedIsNotEdited() {
    await(store().deadLetters().store(letter("t", "1", FailureKind.TRAP)));
    await(store().parked().park(retry("t/1", NOW)));

    assertFalse(await(store().deadLetters().edit("t/1", event("1", new byte[] {4}))));
    await(store().parked().remove("t/1"));
    assertTrue(await(store().deadLetters().edit("t/1", event("1", new byte[] {4}))));
  }

  @Test
  default void aDeadLetterIsInQuarantineAfterAsManyReplaysAsItsTriggerSays() {
    DeadLetters letters = store().deadLetters();
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
}
