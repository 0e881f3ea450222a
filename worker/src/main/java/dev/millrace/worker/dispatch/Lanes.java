package dev.millrace.worker.dispatch;

import java.util.HashMap;
import java.util.Map;

/**
 * Lanes by name. Who enters looks its lane up here; who leaves only tells the lane, on whatever
 * core it runs, and a lane that is over stays until somebody enters one of that name, there are as
 * many of them as of the others, or their names may take much memory: the map stays with the one
 * thread that offers. Safe for any thread.
 *
 * @param <T> what waits in a lane
 */
final class Lanes<T> {

  /** So many lanes are kept before any of them is looked at. */
  private static final int FEW = 64;

  /** After names of so many bytes those that are over are removed: keys can be large. */
  private static final long MUCH = 16L << 20;

  /** Guarded by its own monitor, like the next ones. */
  private final Map<Object, Lane<T>> lanes = new HashMap<>();

  /** With so many lanes those that are over are removed. */
  private int most = FEW;

  /** What the names may take that have come since then. */
  private long bytes;

  /**
   * The lane of a name, which may be over by the time that it is entered.
   *
   * @param size bytes that the name takes at most
   */
  Lane<T> of(Object name, int size) {
    synchronized (lanes) {
      Lane<T> present = lanes.get(name);
      if (present != null && !present.over()) {
        return present;
      }
      Lane<T> lane = new Lane<>();
      lanes.put(name, lane);
      bytes += size;
      if (lanes.size() >= most || bytes >= MUCH) {
        lanes.values().removeIf(Lane::over);
        most = Math.max(FEW, 2 * lanes.size());
        bytes = 0;
      }
      return lane;
    }
  }

  /** How many lanes are kept, those included that are over. */
  int size() {
    synchronized (lanes) {
      return lanes.size();
    }
  }
}
