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
 * bytes unless a single event is larger than that.
 *
 * <p>What comes in is guarded by this object's monitor, what ends by that of {@code ends}, so that
 * who offers and who settles do not wait for each other; who needs both takes both, in that order.
 * Neither is held while calling out. Places that became free are collected with the ends, and given
 * back to the pool when it seems to have none, or when somebody looks.
 */
final class Account {

  private final Pool inFlight;
  private final Pool aside;
  private final Ends ends = new Ends();

  private long received;
  private int holds;
  private boolean closed;

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
    if (closed || holds > 0 || !takeInFlight(bytes)) {
      return false;
    }
    received++;
    return true;
  }

  private boolean takeInFlight(int bytes) {
    if (inFlight.take(bytes)) {
      return true;
    }
    synchronized (ends) {
      ends.giveBack(inFlight);
    }
    return inFlight.take(bytes);
  }

  /**
   * Takes the place for one event that comes back from where it was parked, perhaps by an earlier
   * worker. It takes a place of those that wait: it was put aside before.
   */
  synchronized boolean resume(int bytes) {
    synchronized (ends) {
      if (closed || holds > 0 || !aside.take(bytes)) {
        return false;
      }
      if (ends.parked > 0) {
        ends.parked--;
      } else {
        received++;
      }
      return true;
    }
  }

  /** Moves an event in flight to the places for waiting events; false if they are all taken. */
  synchronized boolean putAside(int bytes) {
    synchronized (ends) {
      if (!aside.take(bytes)) {
        return false;
      }
      inFlight.free(1, bytes);
      return true;
    }
  }

  /**
   * Gives the place back and books how the event ended.
   *
   * @param wasAside whether it had been put aside, or resumed
   */
  void settle(int bytes, boolean wasAside, Settlement settlement, String reason) {
    synchronized (ends) {
      if (wasAside) {
        aside.free(1, bytes);
      } else {
        ends.events++;
        ends.bytes += bytes;
      }
      switch (settlement) {
        case DONE -> ends.succeeded++;
        case DEAD_LETTERED -> ends.deadLettered++;
        case RELEASED -> ends.released++;
        case PARKED -> ends.parked++;
        case DROPPED -> ends.dropped.merge(reason, 1L, Long::sum);
      }
    }
  }

  /** Books events that a trigger received and gave up before offering them. */
  synchronized void drop(long count, String reason) {
    received += count;
    synchronized (ends) {
      ends.dropped.merge(reason, count, Long::sum);
    }
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
    synchronized (ends) {
      ends.giveBack(inFlight);
    }
    return closed || holds > 0 ? 0 : inFlight.room();
  }

  synchronized boolean idle() {
    synchronized (ends) {
      ends.giveBack(inFlight);
      return inFlight.events == 0 && aside.events == 0;
    }
  }

  synchronized boolean holding() {
    return holds > 0;
  }

  synchronized Conservation conservation() {
    synchronized (ends) {
      ends.giveBack(inFlight);
      return new Conservation(
          received,
          ends.succeeded,
          ends.deadLettered,
          ends.dropped,
          ends.released,
          inFlight.events + aside.events + ends.parked);
    }
  }

  /** How events ended. Guarded by its own monitor. */
  private static final class Ends {
    private long succeeded;
    private long deadLettered;
    private long released;
    private long parked;
    private final Map<String, Long> dropped = new HashMap<>();

    /** What ended in flight and has not been given back to its pool. */
    private int events;

    private long bytes;

    /** Under both monitors. */
    void giveBack(Pool inFlight) {
      inFlight.free(events, bytes);
      events = 0;
      bytes = 0;
    }
  }

  /**
   * So many places, in events and in bytes. The one of events in flight is guarded by the account's
   * monitor, the other one by that of {@code ends}.
   */
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

    void free(int count, long size) {
      events -= count;
      bytes -= size;
    }

    int room() {
      return bytes >= bounds.bytes() && events > 0 ? 0 : bounds.events() - events;
    }
  }
}
