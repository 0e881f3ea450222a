package dev.millrace.worker.dispatch;

import java.util.ArrayDeque;
import java.util.List;

/**
 * Lets one suspect run at a time: of the events that ran when the process crashed, the next crash
 * then blames only one. Safe for any thread.
 */
final class Quarantine {

  private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
  private boolean taken;

  /** Enters, or remembers to call when it is worth another try. */
  synchronized boolean enter(Runnable again) {
    if (taken) {
      waiting.add(again);
      return false;
    }
    taken = true;
    return true;
  }

  void leave() {
    List<Runnable> all;
    synchronized (this) {
      taken = false;
      all = List.copyOf(waiting);
      waiting.clear();
    }
    all.forEach(
        Runnable::run); // the first of them enters; one that need not any more blocks nobody
  }
}
