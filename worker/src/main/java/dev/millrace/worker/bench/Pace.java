package dev.millrace.worker.bench;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * When each call of a load is due. At a rate, calls are due at even distances whether or not the
 * ones before have come back, and their latency counts from then: a stall shows in all calls that
 * it kept waiting, not in one. Without a rate, a call is due when somebody is free to make it.
 *
 * <p>Safe for any number of threads.
 */
public final class Pace {

  /** Time as a load sees it. */
  interface Time {

    /** The machine's. */
    Time SYSTEM =
        new Time() {
          @Override
          public long nanos() {
            return System.nanoTime();
          }

          @Override
          public void sleepUntil(long nanos) {
            for (long left = nanos - nanos(); left > 0; left = nanos - nanos()) {
              LockSupport.parkNanos(left);
            }
          }
        };

    long nanos();

    void sleepUntil(long nanos);
  }

  private final Time time;
  private final long start;
  private final long end;
  private final double distanceNanos;
  private final AtomicLong taken = new AtomicLong();

  Pace(Time time, long durationNanos, double perSecond) {
    this.time = time;
    this.start = time.nanos();
    this.end = start + durationNanos;
    this.distanceNanos = perSecond > 0 ? 1e9 / perSecond : 0;
  }

  /**
   * A pace that begins now.
   *
   * @param durationNanos how long calls are due
   * @param perSecond how many; 0 for as many as come back
   */
  public static Pace of(long durationNanos, double perSecond) {
    return new Pace(Time.SYSTEM, durationNanos, perSecond);
  }

  /**
   * Waits until the next call is due and answers when that was; {@link Long#MIN_VALUE} at the end.
   */
  public long next() {
    if (distanceNanos == 0) {
      long now = time.nanos();
      return now - end < 0 ? now : Long.MIN_VALUE;
    }
    long due = start + (long) (taken.getAndIncrement() * distanceNanos);
    if (due - end >= 0) {
      return Long.MIN_VALUE;
    }
    time.sleepUntil(due);
    return due;
  }

  /** Nanoseconds since a call was due. */
  public long since(long due) {
    return Math.max(0, time.nanos() - due);
  }
}
