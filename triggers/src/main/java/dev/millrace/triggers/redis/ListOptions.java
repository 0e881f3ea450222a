package dev.millrace.triggers.redis;

import java.time.Duration;

/**
 * What a Redis list trigger takes, and how.
 *
 * @param list the key of the list
 * @param consumer the name of this replica, the same after a restart and different from every other
 *     replica's
 * @param take from which end; producers push at the other one
 * @param claimAfter how long a replica may give no sign of life before the others give back what it
 *     had taken; at least a second
 * @param batch how many elements are taken at once, 1 to 10,000
 */
public record ListOptions(String list, String consumer, End take, Duration claimAfter, int batch) {

  public static final Duration DEFAULT_CLAIM_AFTER = Duration.ofSeconds(30);

  /** An end of a list. */
  public enum End {
    /** The head: for producers that use RPUSH. */
    LEFT,
    /** The tail: for producers that use LPUSH. */
    RIGHT
  }

  public ListOptions {
    if (list.isEmpty() || consumer.isEmpty()) {
      throw new IllegalArgumentException("list and consumer need a name");
    }
    if (claimAfter.compareTo(Duration.ofSeconds(1)) < 0) {
      throw new IllegalArgumentException("claimAfter must be at least 1 s, not " + claimAfter);
    }
    if (batch < 1 || batch > 10_000) {
      throw new IllegalArgumentException("batch must be 1 to 10000, not " + batch);
    }
  }

  /** Takes what LPUSH pushes. */
  public static ListOptions of(String list, String consumer) {
    return new ListOptions(
        list, consumer, End.RIGHT, DEFAULT_CLAIM_AFTER, StreamOptions.DEFAULT_BATCH);
  }
}
