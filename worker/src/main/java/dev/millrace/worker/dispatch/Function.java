package dev.millrace.worker.dispatch;

/** A function as the dispatcher sees it. Safe for any number of threads. */
public interface Function {

  /** The name the manifest gives it. */
  String name();

  /** How many invocations may run at once, at least 1. */
  int concurrency();

  /**
   * Whether its guest may wait for somebody outside, so that its invocations are better run on
   * threads that cost nothing while they wait. It may change while the worker runs.
   */
  default boolean waits() {
    return false;
  }

  /**
   * Runs one attempt at one event to its end and tells how it went. Blocks, at most for the
   * function's timeout and a moment. Never throws: whatever a guest does is a value.
   */
  Invocation.Result invoke(Invocation invocation);
}
