package dev.millrace.worker.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.triggers.Attempt;
import dev.millrace.triggers.DeadLetter;
import dev.millrace.triggers.FailureKind;
import dev.millrace.triggers.Journal;
import dev.millrace.triggers.Recording;
import dev.millrace.worker.store.ParkedRetries.Parked;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** What tests of a store put into it, and how they wait for it. */
final class StoreFixtures {

  static final Instant NOW = Instant.parse("2026-11-22T21:28:00.123456Z");

  private StoreFixtures() {}

  static List<DetachedEvent> events(String ids, int count) {
    return IntStream.range(0, count).mapToObj(i -> event(ids + i)).toList();
  }

  static List<String> ids(String prefix, int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> prefix + i).toList();
  }

  static List<String> namesOf(List<Journal.Entry> entries) {
    return entries.stream().map(entry -> entry.event().id()).toList();
  }

  static <T> T await(CompletionStage<T> stage) {
    return stage.toCompletableFuture().orTimeout(60, TimeUnit.SECONDS).join();
  }

  static StoreException failure(CompletionStage<?> stage) {
    CompletionException failure = assertThrows(CompletionException.class, () -> await(stage));
    return (StoreException) failure.getCause();
  }

  static <T> T only(List<T> list) {
    assertEquals(1, list.size(), list.toString());
    return list.getFirst();
  }

  static DetachedEvent event(String id) {
    return event(id, ("data of " + id).getBytes(StandardCharsets.UTF_8));
  }

  static DetachedEvent event(String id, byte[] data) {
    return DetachedEvent.of(id, "source", "type", NOW, data);
  }

  static Attempt attempt(int number) {
    return new Attempt(
        number,
        NOW.plusSeconds(number),
        Duration.ofNanos(1_234_567_000),
        FailureKind.TRAP,
        "unreachable\n\tat handle: \u20ac",
        "log \"line\"");
  }

  static AttemptHistory.Entry entry(String trigger, String eventId, int number) {
    return new AttemptHistory.Entry(trigger, "charge", eventId, attempt(number));
  }

  static DeadLetter letter(String trigger, String eventId, FailureKind failure) {
    return new DeadLetter(
        trigger + "/" + eventId,
        event(eventId).withKey(new byte[] {1}),
        trigger,
        "charge",
        "c0ffee",
        failure,
        "it failed",
        NOW.minusSeconds(9),
        NOW,
        List.of(attempt(1), attempt(2)),
        7);
  }

  static DeadLetter failedAt(DeadLetter letter, Instant time) {
    return new DeadLetter(
        letter.id(),
        letter.event(),
        letter.trigger(),
        letter.function(),
        letter.version(),
        letter.failure(),
        letter.error(),
        letter.receivedAt(),
        time,
        letter.attempts(),
        letter.attemptCount());
  }

  static DeadLetter recorded(DeadLetter letter, Recording recording) {
    return new DeadLetter(
        letter.id(),
        letter.event(),
        letter.trigger(),
        letter.function(),
        letter.version(),
        letter.failure(),
        letter.error(),
        letter.receivedAt(),
        letter.failedAt(),
        letter.attempts(),
        letter.attemptCount(),
        Optional.of(recording));
  }

  static Parked retry(String id, Instant dueAt) {
    return new Parked(
        id,
        event("event of " + id),
        "t",
        "charge",
        2,
        NOW.minusSeconds(30),
        dueAt,
        List.of(attempt(1), attempt(2)));
  }

  static List<String> ids(List<Parked> parked) {
    return parked.stream().map(Parked::id).toList();
  }

  static List<String> eventIds(List<DeadLetters.Summary> summaries) {
    return summaries.stream().map(DeadLetters.Summary::eventId).toList();
  }
}
