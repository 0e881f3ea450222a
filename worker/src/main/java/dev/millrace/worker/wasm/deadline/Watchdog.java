package dev.millrace.worker.wasm.deadline;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that keeps deadlines. It sleeps until the nearest one; a start with a nearer
 * deadline wakes it, any other start costs two volatile writes. Between deadlines it does the
 * engine's housekeeping.
 */
public final class Watchdog implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Watchdog.class);

  private final Set<Deadline> deadlines = ConcurrentHashMap.newKeySet();
  private final Runnable housekeeping;
  private final long housekeepingNanos;
  private final Thread thread;

  /** When the thread looks again, by {@link System#nanoTime}; far in the future while it looks. */
  private volatile long wakeAt;

  private volatile boolean closed;

  /**
   * A watchdog that watches from {@link #start} on.
   *
   * @param housekeeping runs on the watchdog's thread; deadlines are late by as long as it takes
   * @param housekeepingEvery how long it pauses in between
   */
  public Watchdog(Runnable housekeeping, Duration housekeepingEvery) {
    this.housekeeping = housekeeping;
    this.housekeepingNanos = housekeepingEvery.toNanos();
    this.thread = new Thread(this::run, "wasm-watchdog");
    thread.setDaemon(true);
  }

  /** Starts its thread, a daemon. Once. */
  public void start() {
    thread.start();
  }

  /** A new deadline, kept until it is {@linkplain #forget forgotten}. */
  public Deadline newDeadline() {
    Deadline deadline = new Deadline(this);
    deadlines.add(deadline);
    return deadline;
  }

  /** Watches a deadline no more. */
  public void forget(Deadline deadline) {
    deadlines.remove(deadline);
  }

  /** Tells that a deadline has started to count. */
  void started(long at) {
    if (at - wakeAt < 0) {
      LockSupport.unpark(thread);
    }
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }

  private void run() {
    long nextHousekeeping = System.nanoTime() + housekeepingNanos;
    while (!closed) {
      long now = System.nanoTime();
      // While it looks, every start wakes it: the permit makes the next park return at once.
      wakeAt = now + Long.MAX_VALUE / 2;
      long wait = Math.max(nextHousekeeping - now, 0);
      for (Deadline deadline : deadlines) {
        wait = Math.min(wait, deadline.expire(now));
      }
      if (nextHousekeeping - now <= 0) {
        nextHousekeeping = now + housekeepingNanos;
        keepHouse();
        continue;
      }
      wakeAt = now + wait;
      LockSupport.parkNanos(this, Math.max(wait, 1));
    }
  }

  private void keepHouse() {
    try {
      housekeeping.run();
    } catch (RuntimeException e) {
      LOG.atError()
          .setCause(e)
          .log("engine housekeeping failed; deadlines are kept, idle slots stay");
    }
  }
}
