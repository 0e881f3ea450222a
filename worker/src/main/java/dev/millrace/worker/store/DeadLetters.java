package dev.millrace.worker.store;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.triggers.DeadLetter;
import dev.millrace.triggers.DeadLetterSink;
import dev.millrace.triggers.FailureKind;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Dead letters kept in the store, one for each {@link DeadLetter#id}: storing the same id again
 * replaces what is kept and leaves its number and its replays. Times are kept to the microsecond.
 *
 * <p>As a {@link DeadLetterSink}, {@link #close} does nothing: it ends with its store.
 */
public interface DeadLetters extends DeadLetterSink {

  /**
   * A dead letter without its event's data and its attempts.
   *
   * @param number what a person types to name it, from 1; never given to another one
   * @param id the dead letter's id
   * @param eventId the event's id
   * @param eventBytes the size of its data, key and headers
   * @param replays how often it was replayed
   * @param lastReplay when it was replayed last
   * @param quarantineAfter how many replays put it in quarantine
   * @param edited whether somebody changed its event
   */
  record Summary(
      long number,
      String id,
      String eventId,
      int eventBytes,
      String trigger,
      String function,
      String version,
      FailureKind failure,
      String error,
      Instant receivedAt,
      Instant failedAt,
      int attemptCount,
      int replays,
      Optional<Instant> lastReplay,
      int quarantineAfter,
      boolean edited) {

    /** Whether it failed again so often that only who names it replays it. */
    public boolean quarantined() {
      return replays >= quarantineAfter;
    }
  }

  /**
   * A dead letter, whole.
   *
   * @param letter with the event as it would be replayed
   * @param original the event as it was received, if somebody has changed it since
   * @param beforeEdit the event that the recorded attempt was at, if it was changed since: the
   *     change has not run yet
   * @param replayedBy the replay that took it last
   */
  record Stored(
      Summary summary,
      DeadLetter letter,
      Optional<DetachedEvent> original,
      Optional<DetachedEvent> beforeEdit,
      Optional<String> replayedBy) {

    /** The event that the recorded attempt was at. */
    public DetachedEvent recorded() {
      return beforeEdit.orElse(letter.event());
    }
  }

  /** Whether dead letters in quarantine are meant. */
  enum Quarantine {
    /** They, and the others. */
    ANY,
    /** Only they. */
    ONLY,
    /** Only the others. */
    NONE
  }

  /**
   * Which dead letters; what is empty does not matter.
   *
   * @param version the start of the digest of the function version that failed
   * @param error a part of the error, in whatever case
   * @param since those that failed at this time or later
   * @param until those that failed before this time
   * @param numbers only these, if there are any
   */
  record Filter(
      Optional<String> trigger,
      Optional<String> function,
      Optional<String> version,
      Optional<FailureKind> failure,
      Optional<String> error,
      Optional<Instant> since,
      Optional<Instant> until,
      Quarantine quarantine,
      List<Long> numbers) {

    /** All of them. */
    public static final Filter ALL =
        new Filter(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    public Filter {
      numbers = List.copyOf(numbers);
    }

    /** Those of a trigger, a function, a failure and a time. */
    public Filter(
        Optional<String> trigger,
        Optional<String> function,
        Optional<FailureKind> failure,
        Optional<Instant> since) {
      this(
          trigger,
          function,
          Optional.empty(),
          failure,
          Optional.empty(),
          since,
          Optional.empty(),
          Quarantine.ANY,
          List.of());
    }

    /** Those of one trigger. */
    public static Filter ofTrigger(String trigger) {
      return new Filter(Optional.of(trigger), Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** Those with these numbers. */
    public static Filter ofNumbers(List<Long> numbers) {
      return new Filter(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Quarantine.ANY,
          numbers);
    }

    /** The same with or without those in quarantine. */
    public Filter with(Quarantine other) {
      return new Filter(trigger, function, version, failure, error, since, until, other, numbers);
    }
  }

  /**
   * The same dead letters as a sink of one trigger.
   *
   * @param quarantineAfter how many replays put one of its letters in quarantine, at least 1
   */
  DeadLetterSink sink(int quarantineAfter);

  /** The latest failures first. Blocks. */
  List<Summary> list(Filter filter, int limit);

  /**
   * Those with a number above {@code after}, by their numbers: in the order in which they first
   * failed. Blocks.
   */
  List<Summary> inOrder(Filter filter, long after, int limit);

  /** How many there are. Blocks. */
  long count(Filter filter);

  /**
   * Finds one by its number, its id, or the start of its id. Blocks.
   *
   * @throws StoreException if several ids start so
   */
  Optional<Stored> find(String reference);

  /** Forgets dead letters by their ids. Completes with how many there were. Does not block. */
  CompletionStage<Integer> remove(Collection<String> ids);

  /**
   * Puts another event in the place of a dead letter's, and keeps what was received beside it.
   * Completes with whether it did: not if there is no such letter, and not while its event waits or
   * runs for a replay. Does not block.
   */
  CompletionStage<Boolean> edit(String id, DetachedEvent edited);

  /**
   * Counts a replay. Completes with whether there is such a dead letter. Does not block.
   *
   * @param replay which replay took it, the id of one of {@link Replays}
   */
  CompletionStage<Boolean> markReplayed(String id, Instant at, String replay);
}
