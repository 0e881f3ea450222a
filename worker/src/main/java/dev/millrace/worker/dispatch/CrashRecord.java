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
        public Note begins(String trigger, Event event) {
          return Note.NONE;
        }

        @Override
        public void settled(String trigger, Event event) {}
      };

  /** How often the process has ended while this event ran. Cheap while there was no crash. */
  int crashes(String trigger, Event event);

  /**
   * Notes that an event begins to run. What was noted outlives the process when the method returns.
   */
  Note begins(String trigger, Event event);

  /** An event came to its end: its crashes are forgotten. Cheap while there was no crash. */
  void settled(String trigger, Event event);

  /** What was noted of one event that runs. For the thread that runs it. */
  interface Note {

    /** Of an event that is not noted. */
    Note NONE =
        new Note() {
          @Override
          public void waits() {}

          @Override
          public void goesOn() {}

          @Override
          public void returned() {}
        };

    /** Its guest does not run until it {@linkplain #goesOn goes on}: it waits for somebody. */
    void waits();

    /** Its guest runs again. */
    void goesOn();

    /** The event has come back; the last call. */
    void returned();
  }
}
