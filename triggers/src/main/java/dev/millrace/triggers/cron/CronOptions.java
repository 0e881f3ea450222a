package dev.millrace.triggers.cron;

import java.time.Duration;
import java.time.ZoneId;
import org.jspecify.annotations.Nullable;

/**
 * When a cron trigger fires, and with what.
 *
 * @param schedule a five-field unix expression, a six- or seven-field Quartz expression, or a name
 *     like {@code @daily}
 * @param zone the time zone of the schedule
 * @param missed what happens to grid times that passed while no worker ran
 * @param missedLimit with {@code missed: all}, at most so many missed grid times are caught up, the
 *     latest ones; 1 to 10,000
 * @param overlap what happens to a grid time while an earlier fire is not settled
 * @param jitter each fire is delayed by up to this much, the same on every replica; milliseconds
 *     count
 * @param data the event's data, {@code null} for none; not copied
 * @param dataContentType the media type of {@code data}
 */
public record CronOptions(
    String schedule,
    ZoneId zone,
    Missed missed,
    int missedLimit,
    Overlap overlap,
    Duration jitter,
    byte @Nullable [] data,
    String dataContentType) {

  /** What happens to grid times that passed while no worker ran. */
  public enum Missed {
    /** They are recorded as skipped. */
    SKIP,
    /** The latest one fires, the others are recorded as skipped. */
    LATEST,
    /** All of them fire, oldest first. */
    ALL
  }

  /**
   * What happens to a grid time while an earlier fire is not settled, here or at another replica.
   * Missed grid times that are caught up queue behind one another with {@code SKIP} too.
   */
  public enum Overlap {
    /** It is recorded as skipped. */
    SKIP,
    /** It fires when the earlier one is settled. */
    QUEUE,
    /** It fires at once. */
    ALLOW
  }

  public CronOptions {
    if (missedLimit < 1 || missedLimit > 10_000) {
      throw new IllegalArgumentException(
          "missed limit " + missedLimit + " is not allowed; allowed are 1 to 10000");
    }
    if (jitter.isNegative()) {
      throw new IllegalArgumentException(
          "jitter " + jitter + " is negative; it delays a fire by up to so much");
    }
  }
}
