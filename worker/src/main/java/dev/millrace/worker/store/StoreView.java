package dev.millrace.worker.store;

/**
 * The part of a store that another process may use while a worker runs on it: look, edit, discard
 * or replay dead letters, and control cron triggers. Safe for any thread.
 */
public interface StoreView extends AutoCloseable {

  /** Events that failed for good. */
  DeadLetters deadLetters();

  /** Dead letters on their way back to their functions or sources. */
  Replays replays();

  /** Events that wait for their next attempt. */
  ParkedRetries parked();

  /** What a person does with cron triggers. */
  CronControl cron();

  /** How the latest failed attempts went. */
  AttemptHistory attempts();

  /**
   * Writes what was handed over, commits it and ends. Blocks until then; what is handed over later
   * fails. Calling it again does nothing.
   */
  @Override
  void close();
}
