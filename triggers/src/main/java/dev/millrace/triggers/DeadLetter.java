package dev.millrace.triggers;

import dev.millrace.abi.DetachedEvent;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * An event that failed for good, with all that is known of it.
 *
 * @param id the same for every storing of the same failure of the same event: {@code
 *     trigger/receipt}, so that a duplicate can be told
 * @param event the event, byte for byte
 * @param trigger the trigger that received it
 * @param function the function that failed
 * @param version the function version of the last attempt, a hex digest; empty if there was none
 * @param failure why the last attempt failed
 * @param error what happened in the last attempt; shortened to {@link #ERROR_LIMIT_CHARS}
 * @param receivedAt when the worker first received the event
 * @param failedAt when it gave up
 * @param attempts the attempts, oldest first; of many, the first and the latest are kept
 * @param attemptCount how many attempts there were in all
 * @param recording what the last attempt depended on; empty if no guest ran in it, or if it
 *     succeeded and the failure came later
 */
public record DeadLetter(
    String id,
    DetachedEvent event,
    String trigger,
    String function,
    String version,
    FailureKind failure,
    String error,
    Instant receivedAt,
    Instant failedAt,
    List<Attempt> attempts,
    int attemptCount,
    Optional<Recording> recording) {

  /** What is kept of an error: a guest may say anything at any length. */
  public static final int ERROR_LIMIT_CHARS = 8192;

  /** Room for a note on how many characters were cut off. */
  static final int ROOM_FOR_NOTE = 48;

  public DeadLetter {
    attempts = List.copyOf(attempts);
    error = shortened(error, ERROR_LIMIT_CHARS);
  }

  /** A dead letter without a recording. */
  public DeadLetter(
      String id,
      DetachedEvent event,
      String trigger,
      String function,
      String version,
      FailureKind failure,
      String error,
      Instant receivedAt,
      Instant failedAt,
      List<Attempt> attempts,
      int attemptCount) {
    this(
        id,
        event,
        trigger,
        function,
        version,
        failure,
        error,
        receivedAt,
        failedAt,
        attempts,
        attemptCount,
        Optional.empty());
  }

  /** The same about another event, such as one with its data edited. */
  public DeadLetter withEvent(DetachedEvent other) {
    return new DeadLetter(
        id,
        other,
        trigger,
        function,
        version,
        failure,
        error,
        receivedAt,
        failedAt,
        attempts,
        attemptCount,
        recording);
  }

  /**
   * The beginning of a text that is too long, never half a character, and how much was cut off; not
   * longer than the limit with that.
   */
  static String shortened(String text, int limit) {
    if (text.length() <= limit) {
      return text;
    }
    int end = limit - ROOM_FOR_NOTE;
    if (Character.isHighSurrogate(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(0, end) + "… [" + (text.length() - end) + " characters cut off]";
  }
}
