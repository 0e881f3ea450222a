package dev.millrace.triggers.kafka;

import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Brings settlements from whatever thread they happen on to the poll thread.
 *
 * <p>All hand-off state between the two is here: a stack linked through the deliveries themselves,
 * pushed by any thread, taken as a whole by the one reader. A delivery is posted at most once.
 */
final class Mailbox {

  private final AtomicReference<@Nullable Delivery> top = new AtomicReference<>();
  private volatile @Nullable Thread waiter;

  /** Posts a settled delivery. Never blocks; any thread. */
  void post(Delivery delivery) {
    Delivery below;
    do {
      below = top.get();
      delivery.below = below;
    } while (!top.compareAndSet(below, delivery));
    Thread reader = waiter;
    if (reader != null) {
      LockSupport.unpark(reader);
    }
  }

  /** Takes everything posted so far, in the order of posting. The reader's thread only. */
  void drain(Consumer<Delivery> taker) {
    Delivery delivery = reversed(top.getAndSet(null));
    while (delivery != null) {
      Delivery below = delivery.below;
      delivery.below = null;
      taker.accept(delivery);
      delivery = below;
    }
  }

  private static @Nullable Delivery reversed(@Nullable Delivery top) {
    Delivery turned = null;
    Delivery rest = top;
    while (rest != null) {
      Delivery below = rest.below;
      rest.below = turned;
      turned = rest;
      rest = below;
    }
    return turned;
  }

  /**
   * Waits until something is posted. The reader's thread only; ends early, without clearing the
   * flag, when the thread is interrupted.
   *
   * @return whether something is there
   */
  boolean await(long nanos) {
    long deadline = System.nanoTime() + nanos;
    waiter = Thread.currentThread();
    try {
      while (top.get() == null) {
        long remaining = deadline - System.nanoTime();
        if (remaining <= 0 || Thread.currentThread().isInterrupted()) {
          return false;
        }
        LockSupport.parkNanos(this, remaining);
      }
      return true;
    } finally {
      waiter = null;
    }
  }
}
