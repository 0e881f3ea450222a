package dev.millrace.worker.cores;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;

/**
 * A virtual thread for each task, all of which can be ended together; then no other one is run.
 * Safe for any thread.
 */
final class VirtualThreads implements Executor, AutoCloseable {

  private static final Thread.Builder GUESTS = Thread.ofVirtual().name("guest");

  private final Set<Thread> running = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  @Override
  public void execute(Runnable task) {
    if (closed) {
      return;
    }
    Thread thread = GUESTS.unstarted(() -> run(task));
    running.add(thread);
    thread.start();
    if (closed) {
      thread.interrupt();
    }
  }

  /** Interrupts what still runs. Does not block. */
  @Override
  public void close() {
    closed = true;
    running.forEach(Thread::interrupt);
  }

  /** Waits for the end of what runs; answers whether it came within {@code nanos}. */
  boolean awaitEnd(long nanos) throws InterruptedException {
    long end = System.nanoTime() + nanos;
    for (Thread thread : running) {
      long left = Math.max(1, end - System.nanoTime());
      if (!thread.join(Duration.ofNanos(left))) {
        return false;
      }
    }
    return true;
  }

  private void run(Runnable task) {
    try {
      task.run();
    } finally {
      running.remove(Thread.currentThread());
    }
  }
}
