package dev.millrace.triggers.cron;

import java.time.Instant;

/** Wakes one trigger. It decides nothing: ringing early, late or twice does no harm. */
interface Alarm extends AutoCloseable {

  /** Makes alarms. */
  @FunctionalInterface
  interface Maker {
    /**
     * Makes an alarm that is not yet set.
     *
     * @param name who is woken, for thread dumps and messages
     * @param ring called on a thread of the alarm's, must only hand over
     */
    Alarm create(String name, Runnable ring);
  }

  /** Rings once, at or soon after an instant; replaces what was set before. */
  void at(Instant when);

  /** Rings no more until it is set again. */
  void clear();

  /** Never rings again. */
  @Override
  void close();
}
