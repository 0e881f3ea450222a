package dev.millrace.worker.dispatch;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Lets at most {@code concurrency} invocations of one function run at once, whichever triggers they
 * come from. What is over waits here, in order, and not on a worker thread. A function takes at
 * most {@code concurrency} places in the executor's queue, so that a busy function cannot push the
 * others out of it.
 *
 * <p>Invariant: {@code running <= concurrency}, and {@code ready} is empty unless {@code running ==
 * concurrency} or a worker is about to look. Guarded by {@code lock}, which is never held while a
 * task runs.
 */
final class FunctionGate {

  private final Function function;
  private final Executor executor;
  private final int turn;

  private final ReentrantLock lock = new ReentrantLock();
  private final ArrayDeque<Runnable> ready = new ArrayDeque<>();
  private int running;

  /**
   * @param turn how many tasks a worker takes before it lets other functions have its thread, at
   *     least 1
   */
  FunctionGate(Function function, Executor executor, int turn) {
    this.function = function;
    this.executor = executor;
    this.turn = turn;
  }

  Function function() {
    return function;
  }

  /** Runs a task as soon as the function has a place for it. The task must not throw. */
  void submit(Runnable task) {
    lock.lock();
    try {
      ready.add(task);
      if (running >= function.concurrency()) {
        return;
      }
      running++;
    } finally {
      lock.unlock();
    }
    executor.execute(this::work);
  }

  /** How many tasks wait for a place. */
  int depth() {
    lock.lock();
    try {
      return ready.size();
    } finally {
      lock.unlock();
    }
  }

  private void work() {
    for (int taken = 0; taken < turn; taken++) {
      Runnable task = next();
      if (task == null) {
        return;
      }
      task.run();
    }
    executor.execute(this::work);
  }

  private @Nullable Runnable next() {
    lock.lock();
    try {
      Runnable task = running > function.concurrency() ? null : ready.poll();
      if (task == null) {
        running--;
      }
      return task;
    } finally {
      lock.unlock();
    }
  }
}
