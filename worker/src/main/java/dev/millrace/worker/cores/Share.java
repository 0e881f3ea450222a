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

  /** Whether its latest event kept its thread for long. Written and read by anybody. */
  volatile boolean slow;

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
}
