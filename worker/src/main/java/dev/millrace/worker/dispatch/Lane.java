package dev.millrace.worker.dispatch;

import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Who waits for whom in one lane. The first to enter is its head and may run; the others wait
 * behind it, in order. When the last one leaves, the lane is over and is entered no more. Safe for
 * any thread.
 *
 * @param <T> what waits
 */
final class Lane<T> {

  /** What came of an attempt to enter. */
  enum Entry {
    /** The entry is the head now. */
    HEAD,
    /** The entry waits behind others. */
    BEHIND,
    /** The lane is over; nothing has entered. */
    OVER
  }

  /** Guarded by this, like the next one. */
  private boolean entered;

  private @Nullable ArrayDeque<T> waiting;

  /** Set once, under the monitor. */
  private volatile boolean over;

  synchronized Entry enter(T entry) {
    if (over) {
      return Entry.OVER;
    }
    if (!entered) {
      entered = true;
      return Entry.HEAD;
    }
    if (waiting == null) {
      waiting = new ArrayDeque<>(4);
    }
    waiting.add(entry);
    return Entry.BEHIND;
  }

  /** The head leaves; whoever waited longest is the new head and is returned. */
  synchronized @Nullable T leave() {
    T next = waiting == null ? null : waiting.poll();
    if (next == null) {
      over = true;
    }
    return next;
  }

  /** Shows those who wait behind the head, in order; the visitor must not call back. */
  synchronized void behind(Consumer<T> visitor) {
    if (waiting != null) {
      waiting.forEach(visitor);
    }
  }

  /** Whether everybody has left. */
  boolean over() {
    return over;
  }
}
