package dev.millrace.worker.dispatch;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * One trigger's events that wait for something other than their lane or a worker: a delay, a
 * broker, another event. Whoever takes an event out owns it: what wakes it, or the release at
 * shutdown.
 */
final class Waiting {

  private final Map<Task, Runnable> waiting = new ConcurrentHashMap<>();
  private final Timer timer;
  private final Consumer<Task> release;
  private volatile boolean draining;

  /**
   * @param release gives an event back that need not wait any longer, because the worker stops
   */
  Waiting(Timer timer, Consumer<Task> release) {
    this.timer = timer;
    this.release = release;
  }

  /** Goes on with an event after a delay, as soon as {@code admission} runs what it is given. */
  void after(Task task, Duration delay, Consumer<Runnable> admission, Runnable next) {
    waiting.put(task, next);
    timer.after(delay, () -> admission.accept(() -> wake(task)));
    releaseIfDraining();
  }

  /** Goes on with an event after a delay. */
  void after(Task task, Duration delay, Runnable next) {
    after(task, delay, Runnable::run, next);
  }

  /** Goes on with an event when it is woken. */
  void until(Task task, Runnable next) {
    waiting.put(task, next);
    releaseIfDraining();
  }

  /** Goes on with an event if it still waits. */
  void wake(Task task) {
    Runnable next = waiting.remove(task);
    if (next != null) {
      next.run();
    }
  }

  /** Takes an event out that need not wait; false if somebody else has taken it. */
  boolean forget(Task task) {
    return waiting.remove(task) != null;
  }

  int size() {
    return waiting.size();
  }

  /** Gives back what waits, and what would wait from now on. */
  void drain() {
    draining = true;
    releaseIfDraining();
  }

  private void releaseIfDraining() {
    if (!draining) {
      return;
    }
    for (Task task : List.copyOf(waiting.keySet())) {
      if (waiting.remove(task) != null) {
        release.accept(task);
      }
    }
  }
}
