package dev.millrace.worker.replay;

import dev.millrace.triggers.Publisher;
import dev.millrace.worker.store.StoreView;
import java.time.Clock;
import java.util.Set;

/**
 * What a replay works with.
 *
 * @param store where the letters are, and the parked retries that they become
 * @param triggers the triggers that there are
 * @param sources knows the way back to a source
 * @param publisher sends what goes back to a source
 * @param clock tells the time
 * @param wakeParked called when something was parked
 */
public record ReplaySurroundings(
    StoreView store,
    Set<String> triggers,
    ReturnToSource sources,
    Publisher publisher,
    Clock clock,
    Runnable wakeParked) {

  public ReplaySurroundings {
    triggers = Set.copyOf(triggers);
  }
}
