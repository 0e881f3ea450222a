package dev.millrace.worker.dispatch;

import dev.millrace.abi.Event;

/**
 * Remembers across the end of the process which events were running at that moment, so that one
 * that takes the process down with it is met only so many times. Safe for any thread.
 */
public interface CrashRecord {

  /** Remembers nothing. */
  CrashRecord NONE =
      new CrashRecord() {
        @Override
        public int crashes(String trigger, Event event) {
          return 0;
        }

        @Override
        public void begins(String trigger, Event event) {}

        @Override
        public void returned() {}

        @Override
        public void settled(String trigger, Event event) {}
      };

  /** How often the process has ended while this event ran. Cheap while there was no crash. */
  int crashes(String trigger, Event event);

  /**
   * Notes that an event begins to run on this thread. What was noted outlives the process when the
   * method returns.
   */
  void begins(String trigger, Event event);

  /** Notes that the event that began on this thread has come back. */
  void returned();

  /** An event came to its end: its crashes are forgotten. Cheap while there was no crash. */
  void settled(String trigger, Event event);
}
