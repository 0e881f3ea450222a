package dev.millrace.triggers.redis;

import java.time.Duration;

/** Says when something is to be done again. Confined to one thread. */
final class Due {

  private final long everyNanos;
  private long at;

  /** First due after one interval. */
  Due(Duration every) {
    this.everyNanos = every.toNanos();
    this.at = System.nanoTime() + everyNanos;
  }

  /** Whether it is time; if so, the next interval begins. */
  boolean now() {
    long time = System.nanoTime();
    if (time - at < 0) {
      return false;
    }
    at = time + everyNanos;
    return true;
  }

  /** Makes it due at once. */
  void hurry() {
    at = System.nanoTime();
  }
}
