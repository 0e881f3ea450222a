package dev.millrace.worker.dispatch;

import dev.millrace.triggers.Settlement;
import java.util.HashMap;
import java.util.Map;

/**
 * One trigger's room and its conservation ledger, kept together so that both are exact at every
 * moment.
 *
 * <p>An event takes a place in flight. When it has to wait for a retry, or behind one, it is put
 * aside: it moves to the places for waiting events, as long as there are any, so that failing
 * events do not keep the others out.
 *
 * <p>Invariant, whenever no method is running: {@code received = succeeded + deadLettered + dropped
 * + released + pending}, each pool holds at most its bound of events, and at most its bound of
 * bytes unless a single event is larger than that. All state is guarded by this object's monitor,
 * which is never held while calling out.
 */
final class Account {

  private final Pool inFlight;
  private final Pool aside;

  private long received;
  private long succeeded;
  private long deadLettered;
  private long released;
  private long parked;
  private int holds;
  private boolean closed;
  private final Map<String, Long> dropped = new HashMap<>();

  /**
   * @param inFlight how much may be in flight
   * @param waiting how much may wait beside it
   */
  Account(Bounds inFlight, Bounds waiting) {
    this.inFlight = new Pool(inFlight);
    this.aside = new Pool(waiting);
  }

  /** Takes the place for one event of the source, or says that there is none. */
  synchronized boolean accept(int bytes) {
    if (closed || holds > 0 || !inFlight.take(bytes)) {
      return false;
    }
    received++;
    return true;
  }

  /**
   * Takes the place for one event that comes back from where it was parked, perhaps by an earlier
   * worker. It takes a place of those that wait: it was put aside before.
   */
  synchronized boolean resume(int bytes) {
    if (closed || holds > 0 || !aside.take(bytes)) {
      return false;
    }
    if (parked > 0) {
      parked--;
    } else {
      received++;
    }
    return true;
  }

  /** Moves an event in flight to the places for waiting events; false if they are all taken. */
  synchronized boolean putAside(int bytes) {
    if (!aside.take(bytes)) {
      return false;
    }
    inFlight.free(bytes);
    return true;
  }

  /**
   * Gives the place back and books how the event ended.
   *
   * @param wasAside whether it had been put aside, or resumed
   */
  synchronized void settle(int bytes, boolean wasAside, Settlement settlement, String reason) {
    (wasAside ? aside : inFlight).free(bytes);
    switch (settlement) {
      case DONE -> succeeded++;
      case DEAD_LETTERED -> deadLettered++;
      case RELEASED -> released++;
      case PARKED -> parked++;
      case DROPPED -> dropped.merge(reason, 1L, Long::sum);
    }
  }

  /** Books events that a trigger received and gave up before offering them. */
  synchronized void drop(long count, String reason) {
    received += count;
    dropped.merge(reason, count, Long::sum);
  }

  /** Takes no events until the matching {@link #release}: a dead letter could not be stored. */
  synchronized void hold() {
    holds++;
  }

  synchronized void release() {
    holds--;
  }

  /** Takes no events ever again. */
  synchronized void close() {
    closed = true;
  }

  synchronized int room() {
    return closed || holds > 0 ? 0 : inFlight.room();
  }

  synchronized boolean idle() {
    return inFlight.events == 0 && aside.events == 0;
  }

  synchronized boolean holding() {
    return holds > 0;
  }

  synchronized Conservation conservation() {
    return new Conservation(
        received,
        succeeded,
        deadLettered,
        dropped,
        released,
        inFlight.events + aside.events + parked);
  }

  /** So many places, in events and in bytes. Guarded by the account's monitor. */
  private static final class Pool {
    private final Bounds bounds;
    private int events;
    private long bytes;

    Pool(Bounds bounds) {
      this.bounds = bounds;
    }

    /** An empty pool takes one event of any size, so that none is too large to ever be taken. */
    boolean take(int size) {
      if (events >= bounds.events() || (events > 0 && bytes + Math.max(1, size) > bounds.bytes())) {
        return false;
      }
      events++;
      bytes += size;
      return true;
    }

    void free(int size) {
      events--;
      bytes -= size;
    }

    int room() {
      return bytes >= bounds.bytes() && events > 0 ? 0 : bounds.events() - events;
    }
  }
}
