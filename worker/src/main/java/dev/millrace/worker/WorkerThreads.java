package dev.millrace.worker;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads that run guest code, {@code worker-1} and so on, as many as there are cores. Their
 * stacks are small, so that a guest's endless recursion ends soon. What bounds the queue is each
 * trigger's bound on its events.
 */
final class WorkerThreads implements Executor, AutoCloseable {

  private static final long STACK_BYTES = 2L << 20;

  private final ExecutorService threads;

  WorkerThreads(int count) {
    AtomicInteger number = new AtomicInteger();
    threads =
        Executors.newFixedThreadPool(
            count,
            task -> new Thread(null, task, "worker-" + number.incrementAndGet(), STACK_BYTES));
  }

  @Override
  public void execute(Runnable task) {
    threads.execute(task);
  }

  /** Interrupts what still runs and waits for its end, for a few seconds. */
  @Override
  public void close() {
    threads.shutdownNow();
    try {
      if (!threads.awaitTermination(Duration.ofSeconds(5).toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IllegalStateException("worker threads did not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
