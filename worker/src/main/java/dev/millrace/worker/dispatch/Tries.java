package dev.millrace.worker.dispatch;

/**
 * How often to try, and how long to wait in between.
 *
 * @param maxAttempts attempts in all, the first one included, at least 1; default 5
 * @param backoff the delay between attempts, unless the guest asks for its own
 */
public record Tries(int maxAttempts, Backoff backoff) {

  public static final Tries DEFAULT = new Tries(5, Backoff.DEFAULT);

  public Tries {
    if (maxAttempts < 1) {
      throw new IllegalArgumentException("max_attempts must be >= 1");
    }
  }
}
