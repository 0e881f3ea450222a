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
  boolean enter(Object lane, LaneEntry entry) {
    return lanes.enter(lane, entry);
  }

  boolean isStalled(Object lane) {
    return !stalled.isEmpty() && stalled.contains(lane);
  }

  /** The head of a lane waits for a retry; each event behind it is shown when that is news. */
  void stall(Object lane, Consumer<Task> follower) {
    if (stalled.add(lane)) {
      lanes.behind(
          lane,
          entry -> {
            if (entry instanceof Task task) {
              follower.accept(task);
            }
          });
    }
  }

  /** The head of a lane waits no more: it is about to leave. */
  void stallNoMore(Object lane) {
    stalled.remove(lane);
  }

  /** The head leaves, and the next one begins. */
  void leave(Object lane) {
    LaneEntry next = lanes.leave(lane);
    if (next != null) {
      next.begin();
    }
  }

  /** The head takes its lane with it: nobody may overtake an event that will come again. */
  void giveBack(Object lane) {
    for (LaneEntry next = lanes.leave(lane); next != null; next = lanes.leave(lane)) {
      next.giveBack();
    }
  }
}
