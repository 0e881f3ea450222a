package dev.millrace.worker.dispatch;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * The lanes of one trigger, and which of them are stalled because their head waits for a retry: who
 * comes behind such a head waits as well. Safe for any thread.
 */
final class TriggerLanes {

  private final Lanes<LaneEntry> lanes = new Lanes<>();
  private final Set<Object> stalled = ConcurrentHashMap.newKeySet();

  /** Enters a lane; true if the entry is its head now. */
  boolean enter(Object name, LaneEntry entry) {
    while (true) {
      Lane<LaneEntry> lane = lanes.of(name, entry.size());
      // Before others see it there: its turn may come at once.
      entry.joins(lane);
      Lane.Entry entered = lane.enter(entry);
      if (entered != Lane.Entry.OVER) {
        return entered == Lane.Entry.HEAD;
      }
    }
  }

  boolean isStalled(Object name) {
    return !stalled.isEmpty() && stalled.contains(name);
  }

  /** The head of a lane waits for a retry; each event behind it is shown when that is news. */
  void stall(Object name, Lane<LaneEntry> lane, Consumer<Task> follower) {
    if (stalled.add(name)) {
      lane.behind(
          entry -> {
            if (entry instanceof Task task) {
              follower.accept(task);
            }
          });
    }
  }

  /** The head of a lane waits no more: it is about to leave. */
  void stallNoMore(Object name) {
    stalled.remove(name);
  }

  /** The head leaves, and the next one begins. */
  void leave(Lane<LaneEntry> lane) {
    LaneEntry next = lane.leave();
    if (next != null) {
      next.begin();
    }
  }

  /** The head takes its lane with it: nobody may overtake an event that will come again. */
  void giveBack(Lane<LaneEntry> lane) {
    for (LaneEntry next = lane.leave(); next != null; next = lane.leave()) {
      next.giveBack();
    }
  }
}
