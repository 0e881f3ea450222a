package dev.millrace.triggers;

import java.time.Instant;
import java.util.OptionalLong;

/**
 * What a trigger is doing.
 *
 * @param state the state
 * @param detail one sentence for a person, for example why it is not connected; may be empty
 * @param since when the state was entered
 * @param lag how many events wait at the source, where the source can tell
 */
public record TriggerStatus(State state, String detail, Instant since, OptionalLong lag) {

  /** The states of a trigger. */
  public enum State {
    /** Not yet started. */
    NEW,
    /** Trying to reach its source. */
    CONNECTING,
    /** Taking events. */
    RUNNING,
    /** Connected, asked to take no events. */
    PAUSED,
    /** Ended by {@code close}. */
    CLOSED,
    /** Ended by a bug or a configuration that cannot work; the worker must not go on silently. */
    FAILED
  }

  /** A status without lag. */
  public static TriggerStatus of(State state, String detail, Instant since) {
    return new TriggerStatus(state, detail, since, OptionalLong.empty());
  }
}
