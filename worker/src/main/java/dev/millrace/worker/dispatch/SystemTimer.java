package dev.millrace.worker.dispatch;

import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The timer of a running worker: one platform thread named {@code timer}. What is still due at
 * close is dropped.
 */
public final class SystemTimer implements Timer, AutoCloseable {

  private final ScheduledThreadPoolExecutor thread;

  public SystemTimer() {
    thread =
        new ScheduledThreadPoolExecutor(
            1, task -> Thread.ofPlatform().name("timer").daemon().unstarted(task));
    thread.setRemoveOnCancelPolicy(true);
    thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  @Override
  @SuppressWarnings(
      "FutureReturnValueIgnored") // a task that throws is a bug, caught where tasks are made
  public void after(Duration delay, Runnable task) {
    if (!thread.isShutdown()) {
      thread.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
