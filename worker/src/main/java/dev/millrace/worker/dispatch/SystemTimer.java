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
  @SuppressWarnings("FutureReturnValueIgnored") // what a task throws is reported below
  public void after(Duration delay, Runnable task) {
    if (!thread.isShutdown()) {
      thread.schedule(() -> run(task), delay.toNanos(), TimeUnit.NANOSECONDS);
    }
  }

  /** An event whose waking failed would wait for ever: whoever watches the threads must know. */
  private static void run(Runnable task) {
    try {
      task.run();
    } catch (Throwable bug) {
      Thread self = Thread.currentThread();
      self.getUncaughtExceptionHandler().uncaughtException(self, bug);
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
