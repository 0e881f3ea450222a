package dev.millrace.worker.wasm;

import dev.millrace.triggers.Recording;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.wasm.deadline.Watchdog;
import dev.millrace.worker.wasm.recording.Replay;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One version of a function and its slots. A slot is leased to one invocation at a time, last in
 * first out, so that the warmest one is used and the others grow idle and are let go.
 *
 * <p>Safe for any number of threads. Invariant, under the lock: a slot is either idle or leased;
 * once retired, no slot is leased, and when the last one has come back none is left.
 */
final class FunctionVersion {

  private final CompiledFunction function;
  private final Counters counters;
  private final Watchdog watchdog;

  /** A monitor, since it is held for a moment: who finds it taken tries again before it parks. */
  private final Object lock = new Object();

  private final ArrayDeque<Slot> idle = new ArrayDeque<>();
  private int leased;
  private boolean retired;

  FunctionVersion(CompiledFunction function, Counters counters, Watchdog watchdog) {
    this.function = function;
    this.counters = counters;
    this.watchdog = watchdog;
  }

  CompiledFunction function() {
    return function;
  }

  /** A slot for one invocation; {@code null} once this version is retired. */
  @Nullable Slot lease() {
    synchronized (lock) {
      if (retired) {
        return null;
      }
      leased++;
      Slot warm = idle.pollFirst();
      if (warm != null) {
        return warm;
      }
    }
    return newSlot();
  }

  /** Gives a leased slot back. */
  void giveBack(Slot slot) {
    slot.used();
    boolean gone;
    synchronized (lock) {
      leased--;
      gone = retired;
      if (!gone) {
        idle.addFirst(slot);
      }
    }
    if (gone) {
      slot.close();
    }
  }

  /**
   * Lets slots go that nobody has leased for {@code nanos}. A slot is idle from the first look on
   * that finds it so: whoever gives it back is in more of a hurry than to read the clock.
   */
  void letIdleGo(long nanos) {
    long now = function.clock().ticker().getAsLong();
    List<Slot> gone = new ArrayList<>();
    synchronized (lock) {
      idle.forEach(slot -> slot.seenIdle(now));
      while (!idle.isEmpty() && now - idle.getLast().idleSince() >= nanos) {
        gone.add(idle.removeLast());
      }
    }
    gone.forEach(Slot::close);
  }

  /** Leases no slot any more; those that are leased are let go when they come back. */
  void retire() {
    List<Slot> gone;
    synchronized (lock) {
      retired = true;
      gone = List.copyOf(idle);
      idle.clear();
    }
    gone.forEach(Slot::close);
  }

  /** Whether it is retired and its last slot has come back. */
  boolean drained() {
    synchronized (lock) {
      return retired && leased == 0;
    }
  }

  int idleSlots() {
    synchronized (lock) {
      return idle.size();
    }
  }

  int leasedSlots() {
    synchronized (lock) {
      return leased;
    }
  }

  /** Runs one invocation again as it was recorded, in a sandbox of its own. */
  Replay replay(Invocation invocation, Recording recording) {
    return Slot.replay(function, counters, watchdog, invocation, recording);
  }

  private Slot newSlot() {
    try {
      return Slot.live(function, counters, watchdog);
    } catch (RuntimeException | Error e) {
      synchronized (lock) {
        leased--;
      }
      throw e;
    }
  }
}
