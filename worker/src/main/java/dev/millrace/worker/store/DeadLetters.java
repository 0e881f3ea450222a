package dev.millrace.worker.store;

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
      Optional<Instant> lastReplay) {}

  /** A dead letter, whole. */
  record Stored(Summary summary, DeadLetter letter) {}

  /**
   * Which dead letters; what is empty does not matter.
   *
   * @param since those that failed at this time or later
   */
  record Filter(
      Optional<String> trigger,
      Optional<String> function,
      Optional<FailureKind> failure,
      Optional<Instant> since) {

    /** All of them. */
    public static final Filter ALL =
        new Filter(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    /** Those of one trigger. */
    public static Filter ofTrigger(String trigger) {
      return new Filter(Optional.of(trigger), Optional.empty(), Optional.empty(), Optional.empty());
    }
  }

  /** The latest failures first. Blocks. */
  List<Summary> list(Filter filter, int limit);

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

  /** Counts a replay. Completes with whether there is such a dead letter. Does not block. */
  CompletionStage<Boolean> markReplayed(String id, Instant at);
}
