package dev.millrace.worker.dispatch;

import java.time.Duration;

/** Runs something later. Tasks must only hand work over: they share one thread. */
@FunctionalInterface
public interface Timer {

  /** Runs the task once, after the delay. Never blocks. */
  void after(Duration delay, Runnable task);
}
