package dev.millrace.triggers.cron;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs the tasks of one trigger one at a time, in the order in which they were posted, on threads
 * that many triggers share. What a task writes, the next one sees. Post from any thread.
 */
final class Mailbox {

  /** After so many tasks in a row the thread goes to another trigger. */
  private static final int TURN = 64;

  private final Executor executor;
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final AtomicInteger pending = new AtomicInteger();

  Mailbox(Executor executor) {
    this.executor = executor;
  }

  /** Posts a task, which must not throw. Never blocks. */
  void post(Runnable task) {
    tasks.add(task);
    if (pending.getAndIncrement() == 0) {
      executor.execute(this::drain);
    }
  }

  private void drain() {
    for (int turn = 0; turn < TURN; turn++) {
      Runnable task = tasks.remove();
      task.run();
      if (pending.decrementAndGet() == 0) {
        return;
      }
    }
    executor.execute(this::drain);
  }
}
