package dev.millrace.worker.cores;

import java.util.ArrayDeque;

/**
 * One function's part in a {@link Rota}: which of its turns wait, and how many run.
 *
 * <p>Guarded by the lock of the rota's owner, but for what says so.
 */
final class Share<T> {

  final ArrayDeque<Turn<T>> waiting = new ArrayDeque<>();

  /** How many of its turns run. Written under the lock, read by anybody. */
  volatile int running;

  /** An event is quick that takes no longer: waking a thread for it takes as long as many of it. */
  private static final long QUICK_NANOS = 20_000;

  /** So many events in a row must keep their threads for long, one may only have been preempted. */
  private static final int SLOW_AT = 2;

  private static final int QUICK_AT = 256;
  private static final int QUICKEST = 1024;

  /** How many quick events one that is not quick outweighs. */
  private static final int NOT_QUICK = 64;

  /** Whether its latest events kept their threads for long. Written and read by anybody. */
  volatile boolean slow;

  /** How many events in a row were long. Any thread's; an update that gets lost does no harm. */
  private int longInARow;

  /** Up with each quick event, down with each other one. As loosely kept. */
  private int quickness;

  /** One of its turns begins to run. Under the lock. */
  void begins() {
    int now = running;
    running = now + 1;
  }

  /** One of its turns has ended. Under the lock. */
  void ended() {
    int now = running;
    running = now - 1;
  }

  /** One of its events has taken so long. On the thread that ran it. */
  void took(long nanos) {
    boolean quick = nanos <= QUICK_NANOS;
    int was = quickness;
    int is = quick ? Math.min(QUICKEST, was + 1) : Math.max(0, was - NOT_QUICK);
    if (is != was) {
      quickness = is;
    }
    if (nanos > Rota.LONG_NANOS) {
      longInARow = Math.min(SLOW_AT, longInARow + 1);
      slow = longInARow == SLOW_AT;
    } else if (longInARow != 0) {
      longInARow = 0;
      slow = false;
    }
  }

  /** Whether almost all of its events have been quick lately. Asked by anybody. */
  boolean quick() {
    return quickness >= QUICK_AT;
  }
}
