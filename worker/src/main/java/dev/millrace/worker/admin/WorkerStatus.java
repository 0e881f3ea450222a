package dev.millrace.worker.admin;

import dev.millrace.worker.dispatch.Conservation;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * The whole worker at one moment, for people who look. Served as JSON at {@code /status}, names in
 * {@code snake_case}; an absent value is {@code null}.
 *
 * @param app what the manifest calls it
 * @param millrace the version of Millrace
 * @param draining whether it shuts down
 * @param at when this was looked up
 */
public record WorkerStatus(
    String app,
    String millrace,
    boolean draining,
    Instant at,
    List<OfTrigger> triggers,
    List<OfFunction> functions,
    OfStore store) {

  /**
   * One trigger.
   *
   * @param system the messaging system behind it: {@code kafka}, {@code redis} or {@code cron}
   * @param state one of the trigger's states, in lower case
   * @param detail a sentence on the state, possibly empty
   * @param since when it got into that state
   * @param lag events that wait at the source, where it can tell
   * @param room how many more events it may take now
   * @param waiting events that wait in memory for a retry
   * @param parked events that wait in the store for a retry or a replay; empty if the store cannot
   *     be read
   * @param holding whether it takes nothing because a broker or a dead-letter sink is down
   */
  public record OfTrigger(
      String name,
      String system,
      String function,
      String state,
      String detail,
      Instant since,
      OptionalLong lag,
      int room,
      int waiting,
      OptionalLong parked,
      boolean holding,
      Account account) {}

  /**
   * One trigger's conservation account since the start: {@code received = succeeded + deadLettered
   * + dropped + released + pending}.
   *
   * @param dropped by reason
   * @param holds whether that is so
   */
  public record Account(
      long received,
      long succeeded,
      long deadLettered,
      Map<String, Long> dropped,
      long released,
      long pending,
      boolean holds) {

    /** The account of a trigger. */
    public static Account of(Conservation account) {
      return new Account(
          account.received(),
          account.succeeded(),
          account.deadLettered(),
          account.dropped(),
          account.released(),
          account.pending(),
          account.holds());
    }
  }

  /**
   * One function.
   *
   * @param version the live version, a digest
   * @param module the SHA-256 of its module
   * @param running invocations now
   * @param ready events that wait for a place
   * @param progress what running invocations say of themselves by heartbeats
   */
  public record OfFunction(
      String name,
      String version,
      String module,
      int concurrency,
      int running,
      int ready,
      List<OfInvocation> progress) {}

  /**
   * One running invocation that sends heartbeats.
   *
   * @param event the event's id
   * @param percent how far it has come; empty if it does not know
   * @param message in its words
   * @param since when it said so
   */
  public record OfInvocation(
      String event, int attempt, OptionalInt percent, String message, Instant since) {}

  /**
   * The store; counts are empty if it cannot be read.
   *
   * @param queuedWrites writes that wait for a commit
   * @param deadLetters dead letters in it
   * @param quarantined those of them in quarantine
   * @param parked events that wait in it for a retry or a replay
   * @param replays replays of dead letters that go on
   * @param fileBytes what it takes on disk, 0 where that is not known
   * @param trouble why it cannot be read or written; empty when it can
   */
  public record OfStore(
      int queuedWrites,
      OptionalLong deadLetters,
      OptionalLong quarantined,
      OptionalLong parked,
      OptionalLong replays,
      long fileBytes,
      Optional<String> trouble) {}
}
