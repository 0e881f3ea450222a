package dev.millrace.worker.wasm.deadline;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The deadline of whatever runs in one slot. The running thread starts and stops it; the watchdog
 * fires it. Both go through one state, so that a guest is interrupted only while it runs: once
 * {@link #stop} has returned, no interrupt of this deadline will arrive.
 */
public final class Deadline {

  private static final int IDLE = 0;
  private static final int RUNNING = 1;
  private static final int FIRING = 2;
  private static final int FIRED = 3;
  private static final int EXTENDING = 4;

  private final Watchdog watchdog;
  private final AtomicInteger state = new AtomicInteger(IDLE);

  /** When it fires. Set before the state says that it counts, and once more while it does. */
  private final AtomicLong at = new AtomicLong();

  /** Where it was at first. Confined to the running thread. */
  private long first;

  private volatile @Nullable Thread thread;

  Deadline(Watchdog watchdog) {
    this.watchdog = watchdog;
  }

  /**
   * Starts to count for the calling thread.
   *
   * @param end when it fires, by {@link System#nanoTime}; at once if that is over
   */
  public void start(long end) {
    if (thread != Thread.currentThread()) {
      thread = Thread.currentThread();
    }
    first = end;
    at.setRelease(end);
    // Only this has to be seen before the watchdog's next look is read, or the look sees it.
    state.set(RUNNING);
    watchdog.started(end);
  }

  /**
   * Stops counting and clears the interrupt that the deadline caused, if it did.
   *
   * @return whether the deadline has passed and the guest was interrupted
   */
  public boolean stop() {
    while (!state.compareAndSet(RUNNING, IDLE)) {
      if (state.get() == FIRED) {
        Thread.interrupted();
        state.set(IDLE);
        return true;
      }
      Thread.onSpinWait();
    }
    return false;
  }

  /**
   * Puts the deadline off to {@code nanos} from now, but never further than {@code mostNanos} after
   * the beginning; the beginning is {@code nanos} before the first deadline. Never brings it
   * nearer. For the running thread.
   *
   * @return whether it was still to come; if not, the interrupt is there or on its way
   */
  public boolean extend(long nanos, long mostNanos) {
    while (!state.compareAndSet(RUNNING, EXTENDING)) {
      // While the watchdog looks a second time, nothing is decided.
      if (state.get() == FIRED || state.get() == IDLE) {
        return false;
      }
      Thread.onSpinWait();
    }
    long wanted = System.nanoTime() + nanos;
    long latest = first - nanos + mostNanos;
    long next = wanted - latest < 0 ? wanted : latest;
    if (next - at.get() > 0) {
      at.set(next);
    }
    state.set(RUNNING);
    // The watchdog may have passed over this deadline just now.
    watchdog.started(at.get());
    return true;
  }

  /** Nanoseconds that are left, negative when the deadline has passed. For the running thread. */
  public long remainingNanos() {
    return at.get() - System.nanoTime();
  }

  /**
   * For the watchdog: interrupts the guest if it runs and its time is over.
   *
   * @return nanoseconds until this deadline, {@link Long#MAX_VALUE} if it does not count
   */
  long expire(long now) {
    if (state.get() != RUNNING) {
      return Long.MAX_VALUE;
    }
    long left = at.get() - now;
    if (left > 0 || !state.compareAndSet(RUNNING, FIRING)) {
      return Math.max(left, 0);
    }
    // Between the two looks another invocation may have started; in FIRING it cannot stop.
    left = at.get() - now;
    Thread running = thread;
    if (left > 0 || running == null) {
      state.set(RUNNING);
      return Math.max(left, 0);
    }
    running.interrupt();
    state.set(FIRED);
    return Long.MAX_VALUE;
  }
}
