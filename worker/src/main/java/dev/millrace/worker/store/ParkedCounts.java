package dev.millrace.worker.store;

import java.util.HashMap;
import java.util.Map;

/**
 * How many retries of each trigger are parked, as far as is known without asking the store. What
 * other workers do, and a retry that replaces one, are known with the next {@link #recounted}. Safe
 * for any thread.
 *
 * <p>Invariant: no place is given away beyond the most that its taker allows. Guarded by the
 * object's monitor.
 */
final class ParkedCounts {

  private static final class Count {
    long stored;

    /** Places given to writes that are under way. */
    long promised;
  }

  private final Map<String, Count> counts = new HashMap<>();

  /**
   * Takes a place, to be made good by {@link #stored} or {@link #failed}; false if none is left.
   */
  synchronized boolean reserve(String trigger, long most) {
    Count count = of(trigger);
    if (count.stored + count.promised >= most) {
      return false;
    }
    count.promised++;
    return true;
  }

  synchronized void stored(String trigger) {
    Count count = of(trigger);
    count.promised--;
    count.stored++;
  }

  synchronized void failed(String trigger) {
    of(trigger).promised--;
  }

  synchronized void removed(String trigger) {
    Count count = of(trigger);
    count.stored = Math.max(0, count.stored - 1);
  }

  /** What the store has, by trigger. */
  synchronized void recounted(Map<String, Long> found) {
    counts.values().forEach(count -> count.stored = 0);
    found.forEach((trigger, stored) -> of(trigger).stored = stored);
  }

  synchronized long count(String trigger) {
    Count count = counts.get(trigger);
    return count == null ? 0 : count.stored + count.promised;
  }

  private Count of(String trigger) {
    return counts.computeIfAbsent(trigger, name -> new Count());
  }
}
