package dev.millrace.triggers.redis;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Lets one thread sleep until another has something for it. A signal that comes first is not lost:
 * the next {@link #await} returns at once.
 */
final class Wakeup {

  private volatile @Nullable Thread sleeper;

  /** Names the thread that sleeps; before the first {@link #await}, by that thread. */
  void belongsToThisThread() {
    sleeper = Thread.currentThread();
  }

  /** Any thread; does not block. */
  void signal() {
    LockSupport.unpark(sleeper);
  }

  /** Returns after a signal, after the limit, or for no reason: the caller looks again anyway. */
  void await(Duration limit) {
    LockSupport.parkNanos(this, limit.toNanos());
  }
}
