package dev.millrace.worker.store;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/**
 * Replays of dead letters: what a person asked for, and how far the worker has come with it. A
 * worker works off the letters in the order of their numbers; what it notes here is enough for
 * another one to go on.
 *
 * <p>Times are kept to the microsecond. Safe for any thread.
 */
public interface Replays {

  /** Where a dead letter's event goes. */
  enum Target {
    /** To the function of the trigger that it came from, and to nobody else. */
    FUNCTION,
    /** To the topic, channel or stream that it came from. */
    SOURCE
  }

  /** What has become of a replay. */
  enum State {
    RUNNING,
    DONE,
    CANCELLED
  }

  /**
   * How far a replay has come.
   *
   * @param position it is through with all letters up to this number
   * @param left of those, letters that are not in the store any more, nearly always because their
   *     replay succeeded
   * @param failed letters that failed again
   * @param skipped letters that could not be replayed at all
   * @param trouble why it does not go on, or why a letter was skipped; empty if there is nothing to
   *     tell
   */
  record Progress(long position, long left, long failed, long skipped, String trouble) {

    /** Nothing is done yet. */
    public static final Progress NONE = new Progress(0, 0, 0, 0, "");
  }

  /**
   * One replay.
   *
   * @param id names it, never given to another one
   * @param filter which letters
   * @param target where they go
   * @param interval the time between two letters; zero for as fast as it goes
   * @param lastNumber no letter beyond this number is meant: what fails later is not replayed
   * @param total how many letters it was about when it was asked for
   */
  record Replay(
      String id,
      DeadLetters.Filter filter,
      Target target,
      Duration interval,
      long lastNumber,
      long total,
      Instant createdAt,
      State state,
      Optional<Instant> endedAt,
      Progress progress) {

    /** A replay that is about to begin. */
    public static Replay of(
        String id,
        DeadLetters.Filter filter,
        Target target,
        Duration interval,
        long lastNumber,
        long total,
        Instant now) {
      return new Replay(
          id,
          filter,
          target,
          interval,
          lastNumber,
          total,
          now,
          State.RUNNING,
          Optional.empty(),
          Progress.NONE);
    }
  }

  /** Asks for a replay; those that ended 30 days before it are forgotten. Does not block. */
  CompletionStage<Void> start(Replay replay);

  /** The latest first. Blocks. */
  List<Replay> list(int limit);

  /** Those that go on, the oldest first. Blocks. */
  List<Replay> running();

  /**
   * Ends a replay; what it has handed out runs on. Completes with whether it was running. Does not
   * block.
   */
  CompletionStage<Boolean> cancel(String id, Instant at);

  /**
   * Makes a worker the one that sees to a replay, for a while. Completes with whether it is: not if
   * another one is, or if the replay has ended. Does not block.
   *
   * @param owner names the worker, another name for each start
   */
  CompletionStage<Boolean> claim(String id, String owner, Instant now, Instant until);

  /**
   * Notes how far a replay has come. Completes with whether it was still the owner's to note. Does
   * not block.
   *
   * @param endedAt when it ended, if it has
   */
  CompletionStage<Boolean> advance(
      String id, String owner, Progress progress, Optional<Instant> endedAt);

  /** Which of these dead letters' events wait or run for a replay now. Blocks. */
  Set<String> inFlight(Collection<String> letters);

  /** The numbers of all dead letters whose events wait or run for a replay now. Blocks. */
  List<Long> inFlight();
}
