package dev.millrace.worker.dispatch;

import dev.millrace.abi.Event;
import dev.millrace.triggers.DeadLetter;
import dev.millrace.triggers.Settlement;
import java.time.Duration;

/**
 * Watches events on their way: metrics, logs and the live view of {@code millrace dev} listen here.
 * Methods are called on worker threads and in settlement callbacks; they must not block and must
 * not throw.
 */
public interface DispatchListener {

  /** A listener that does nothing. */
  DispatchListener NONE = new DispatchListener() {};

  /** An event was accepted. */
  default void received(String trigger, Event event) {}

  /** An attempt ended. */
  default void attempted(String function, Invocation invocation, Invocation.Result result) {}

  /** A failed event waits for its next attempt. */
  default void retryScheduled(
      String trigger, Event event, int failedAttempts, Duration delay, Outcome.Failed failure) {}

  /**
   * What a function published was not confirmed; the event is held, its messages are sent again,
   * and the intake takes nothing until they are confirmed.
   */
  default void publishHeld(String trigger, Event event, Throwable cause, Duration nextTry) {}

  /**
   * A dead letter could not be stored; the event is held and the intake takes nothing till then.
   */
  default void deadLetterHeld(DeadLetter letter, Throwable cause, Duration nextTry) {}

  /**
   * The store does not keep what it must for this event; the event is held and the intake takes
   * nothing till then.
   */
  default void storeHeld(String trigger, Event event, Throwable cause, Duration nextTry) {}

  /** A function is no longer called for a while, or is called again. */
  default void breakerChanged(String function, boolean open, Duration pause) {}

  /** The later events of a dead letter's key queue behind it from now on. */
  default void keyParked(String trigger, DeadLetter letter) {}

  /** A dead letter was stored. */
  default void deadLettered(DeadLetter letter) {}

  /** An event was settled. */
  default void settled(String trigger, Event event, Settlement settlement, Duration sinceReceipt) {}
}
