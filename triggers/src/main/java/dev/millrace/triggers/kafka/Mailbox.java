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

  /** How long the reader waits for more than one. */
  private static final long CONTENT_NANOS = 1_000_000;

  private final AtomicReference<@Nullable Delivery> top = new AtomicReference<>();
  private volatile @Nullable Thread waiter;

  /** How many the waiter wants to find. Written by the reader before it becomes the waiter. */
  private int wanted;

  /** Posts a settled delivery. Never blocks; any thread. */
  void post(Delivery delivery) {
    Delivery below;
    do {
      below = top.get();
      delivery.below = below;
      delivery.height = below == null ? 1 : below.height + 1;
    } while (!top.compareAndSet(below, delivery));
    Thread reader = waiter;
    if (reader != null && delivery.height == wanted) {
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
    return await(1, nanos);
  }

  /**
   * Waits until so many are posted; is content with fewer after a millisecond, so that who waits
   * for room is not woken for each place that becomes free. The reader's thread only; ends early,
   * without clearing the flag, when the thread is interrupted.
   *
   * @param count at least 1
   * @return whether something is there
   */
  boolean await(int count, long nanos) {
    long now = System.nanoTime();
    long deadline = now + nanos;
    long content = now + (count == 1 ? 0 : CONTENT_NANOS);
    wanted = count;
    waiter = Thread.currentThread();
    try {
      while (true) {
        Delivery found = top.get();
        now = System.nanoTime();
        if (found != null && (found.height >= count || now - content >= 0)) {
          return true;
        }
        if (now - deadline >= 0 || Thread.currentThread().isInterrupted()) {
          return found != null;
        }
        // Until it is content it waits for all of them, and then for the first.
        boolean impatient = now - content >= 0;
        wanted = impatient ? 1 : count;
        waiter = Thread.currentThread();
        if (impatient && top.get() != null) {
          return true;
        }
        LockSupport.parkNanos(this, Math.min(deadline, impatient ? deadline : content) - now);
      }
    } finally {
      waiter = null;
    }
  }
}
