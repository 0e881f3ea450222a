package dev.millrace.worker.store;

/**
 * What a row of the journal says beside its events. Those have numbers without gaps, of which the
 * row's own sequence is the last.
 *
 * @param sequence the number of its last event
 * @param events how many it holds, 1 to {@link #MOST_EVENTS}
 * @param finished a bit for each of them that needs not run again, the first event's the lowest
 */
record JournalRow(long sequence, int events, long finished) {

  /** One bit stays for {@link #NONE_FINISHED}. */
  static final int MOST_EVENTS = 63;

  /**
   * The highest bit means nothing. It makes every value take eight bytes, so that SQLite writes a
   * new one over the old one in place, and not the whole row again.
   */
  static final long NONE_FINISHED = Long.MIN_VALUE;

  long first() {
    return sequence - events + 1;
  }

  boolean isFinished(long event) {
    return (finished >>> (event - first()) & 1) == 1;
  }

  /** The row after one of its events has finished. */
  JournalRow finish(long event) {
    return new JournalRow(sequence, events, finished | 1L << (event - first()));
  }

  int unfinished() {
    return events - Long.bitCount(finished & ~NONE_FINISHED);
  }
}
