package dev.millrace.triggers.redis;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Lets one thread rest until another has something for it. What is told before the thread rests is
 * not lost: the next {@link #await} returns at once.
 *
 * <p>Waking a thread costs more than most of what it is woken for. So only the first of many
 * signals wakes it, and while it naps, a {@link #hint} leaves it to the end of the nap.
 */
final class Wakeup {

  /** At work, and told nothing since it last rested. */
  private static final int AWAKE = 0;

  private static final int HINTED = 1;
  private static final int SIGNALLED = 2;
  private static final int NAPPING = 3;
  private static final int ASLEEP = 4;

  private final AtomicInteger state = new AtomicInteger(AWAKE);
  private volatile @Nullable Thread sleeper;

  /** Names the thread that sleeps; before the first {@link #await}, by that thread. */
  void belongsToThisThread() {
    sleeper = Thread.currentThread();
  }

  /** Wakes the thread, however it rests. Any thread; does not block. */
  void signal() {
    if (state.get() == SIGNALLED) {
      return;
    }
    if (state.getAndSet(SIGNALLED) >= NAPPING) {
      LockSupport.unpark(sleeper);
    }
  }

  /**
   * Wakes the thread unless it naps: what there is can wait so long. Any thread; does not block.
   */
  void hint() {
    int before = state.get();
    while (before == AWAKE || before == ASLEEP) {
      if (state.compareAndSet(before, HINTED)) {
        if (before == ASLEEP) {
          LockSupport.unpark(sleeper);
        }
        return;
      }
      before = state.get();
    }
  }

  /** Returns after a signal, after the limit, or for no reason: the caller looks again anyway. */
  void await(Duration limit) {
    if (state.compareAndSet(AWAKE, ASLEEP)) {
      LockSupport.parkNanos(this, limit.toNanos());
    }
    state.set(AWAKE);
  }

  /** As {@link #await}, but a {@link #hint} does not end it. */
  void nap(Duration length) {
    if (state.compareAndSet(AWAKE, NAPPING) || state.compareAndSet(HINTED, NAPPING)) {
      LockSupport.parkNanos(this, length.toNanos());
    }
    state.set(AWAKE);
  }
}
