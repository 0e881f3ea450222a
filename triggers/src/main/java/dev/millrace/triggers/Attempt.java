package dev.millrace.triggers;

import java.time.Duration;
import java.time.Instant;

/**
 * One finished, unsuccessful attempt at an event.
 *
 * @param number 1 for the first try
 * @param startedAt when the function was called
 * @param duration how long the call took
 * @param failure why it did not succeed
 * @param error what happened, in one or a few lines; shortened to {@link
 *     DeadLetter#ERROR_LIMIT_CHARS}
 * @param log the tail of what the guest logged, possibly empty; of more than {@link
 *     #LOG_LIMIT_CHARS} the end is kept
 */
public record Attempt(
    int number,
    Instant startedAt,
    Duration duration,
    FailureKind failure,
    String error,
    String log) {

  /** What is kept of a log, whatever {@code limits.log} allows. */
  public static final int LOG_LIMIT_CHARS = 128 << 10;

  public Attempt {
    error = DeadLetter.shortened(error, DeadLetter.ERROR_LIMIT_CHARS);
    log = end(log, LOG_LIMIT_CHARS);
  }

  /** The end of a log that is too long, never half a character: the cause is there. */
  static String end(String log, int limit) {
    if (log.length() <= limit) {
      return log;
    }
    int start = log.length() - (limit - DeadLetter.ROOM_FOR_NOTE);
    if (Character.isLowSurrogate(log.charAt(start))) {
      start++;
    }
    return "[" + start + " characters of log cut off]\n" + log.substring(start);
  }
}
