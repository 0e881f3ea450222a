package dev.millrace.worker.dispatch;

/** A function as the dispatcher sees it. Safe for any number of threads. */
public interface Function {

  /** The name the manifest gives it. */
  String name();

  /** How many invocations may run at once, at least 1. */
  int concurrency();

  /**
   * Runs one attempt at one event to its end and tells how it went. Blocks, at most for the
   * function's timeout and a moment. Never throws: whatever a guest does is a value.
   */
  Invocation.Result invoke(Invocation invocation);
}
