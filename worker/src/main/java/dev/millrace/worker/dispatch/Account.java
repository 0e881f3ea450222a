package dev.millrace.worker.dispatch;

import dev.millrace.triggers.Settlement;
import java.util.HashMap;
import java.util.Map;

/**
 * One trigger's room and its conservation ledger, kept together so that both are exact at every
 * moment.
 *
 * <p>Invariant, whenever no method is running: {@code received = succeeded + deadLettered + dropped
 * + released + pending}, {@code pending <= bounds.events}, and {@code pendingBytes <= bounds.bytes}
 * unless a single event is larger than that. All state is guarded by this object's monitor, which
 * is never held while calling out.
 */
final class Account {

  private final Bounds bounds;

  private long received;
  private long succeeded;
  private long deadLettered;
  private long released;
  private long parked;
  private long pending;
  private long pendingBytes;
  private int holds;
  private boolean closed;
  private final Map<String, Long> dropped = new HashMap<>();

  Account(Bounds bounds) {
    this.bounds = bounds;
  }

  /** Takes the place for one event of the source, or says that there is none. */
  synchronized boolean accept(int bytes) {
    if (!takePlace(bytes)) {
      return false;
    }
    received++;
    return true;
  }

  /**
   * Takes the place for one event that comes back from where it was parked, perhaps by an earlier
   * worker.
   */
  synchronized boolean resume(int bytes) {
    if (!takePlace(bytes)) {
      return false;
    }
    if (parked > 0) {
      parked--;
    } else {
      received++;
    }
    return true;
  }

  private boolean takePlace(int bytes) {
    if (closed || holds > 0 || pending >= bounds.events()) {
      return false;
    }
    if (pending > 0 && pendingBytes + Math.max(1, bytes) > bounds.bytes()) {
      return false;
    }
    pending++;
    pendingBytes += bytes;
    return true;
  }

  /** Gives the place back and books how the event ended. */
  synchronized void settle(int bytes, Settlement settlement, String reason) {
    pending--;
    pendingBytes -= bytes;
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
    if (closed || holds > 0 || pendingBytes >= bounds.bytes()) {
      return 0;
    }
    return (int) (bounds.events() - pending);
  }

  synchronized boolean idle() {
    return pending == 0;
  }

  synchronized boolean holding() {
    return holds > 0;
  }

  synchronized Conservation conservation() {
    return new Conservation(received, succeeded, deadLettered, dropped, released, pending + parked);
  }
}
