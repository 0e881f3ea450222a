package dev.millrace.worker.store;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Writes on their way to the writer, bounded in number and bytes. Any thread puts, one thread
 * takes. All state is guarded by the lock.
 */
final class WriteQueue {

  /** What became of a write that was offered. */
  enum Offer {
    ACCEPTED,
    FULL,
    CLOSED
  }

  /**
   * A group this large is not worth waiting for company: the cost of its commit is shared enough.
   */
  private static final int ENOUGH = 100;

  private static final int MAX_GROUP = 1000;
  private static final long MAX_GROUP_BYTES = 8L << 20;

  private final int maxWrites;
  private final long maxBytes;
  private final long lingerNanos;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition worthLooking = lock.newCondition();
  private final ArrayDeque<Write<?>> writes = new ArrayDeque<>();
  private long bytes;
  private long weight;

  /** When the first of the waiting writes has waited long enough. */
  private long dueNanos;

  private boolean closed;

  WriteQueue(int maxWrites, long maxBytes, Duration linger) {
    this.maxWrites = maxWrites;
    this.maxBytes = maxBytes;
    this.lingerNanos = linger.toNanos();
  }

  /** Queues a write if it fits into {@code share} of the queue, 1 being all of it. */
  Offer offer(Write<?> write, double share) {
    lock.lock();
    try {
      if (closed) {
        return Offer.CLOSED;
      }
      boolean fits = writes.size() < maxWrites * share && bytes + write.bytes() <= maxBytes * share;
      if (!fits && !writes.isEmpty()) {
        return Offer.FULL;
      }
      long due = write.dueNanos(lingerNanos);
      boolean sooner = writes.isEmpty() || due - dueNanos < 0;
      if (sooner) {
        dueNanos = due;
      }
      writes.addLast(write);
      bytes += write.bytes();
      boolean fewBefore = weight < ENOUGH;
      weight += write.weight();
      if (sooner || (fewBefore && weight >= ENOUGH)) {
        worthLooking.signal();
      }
      return Offer.ACCEPTED;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes the next group in the order of arrival: waits for a first write, and for company until
   * one of them has waited as long as its patience lasts. Empty once the queue is closed and
   * drained.
   */
  List<Write<?>> take() {
    lock.lock();
    try {
      while (writes.isEmpty() && !closed) {
        worthLooking.awaitUninterruptibly();
      }
      awaitCompany();
      return takeGroup();
    } finally {
      lock.unlock();
    }
  }

  /** Accepts no more; what is queued can still be taken. */
  void close() {
    lock.lock();
    try {
      closed = true;
      worthLooking.signal();
    } finally {
      lock.unlock();
    }
  }

  int size() {
    lock.lock();
    try {
      return writes.size();
    } finally {
      lock.unlock();
    }
  }

  long bytes() {
    lock.lock();
    try {
      return bytes;
    } finally {
      lock.unlock();
    }
  }

  private void awaitCompany() {
    if (writes.isEmpty()) {
      return;
    }
    long remaining = dueNanos - System.nanoTime();
    while (remaining > 0 && weight < ENOUGH && !closed) {
      try {
        worthLooking.awaitNanos(remaining);
        remaining = dueNanos - System.nanoTime();
      } catch (InterruptedException e) {
        return; // Only ends the wait for company; the writer ends by close() alone.
      }
    }
  }

  private List<Write<?>> takeGroup() {
    List<Write<?>> group = new ArrayList<>(Math.min(writes.size(), MAX_GROUP));
    long groupBytes = 0;
    while (!writes.isEmpty() && group.size() < MAX_GROUP && groupBytes < MAX_GROUP_BYTES) {
      Write<?> write = writes.removeFirst();
      groupBytes += write.bytes();
      weight -= write.weight();
      group.add(write);
    }
    bytes -= groupBytes;
    dueNanos = System.nanoTime(); // what is left has waited for a commit already
    return group;
  }
}
