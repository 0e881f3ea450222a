package dev.millrace.worker.chaos;

import dev.millrace.worker.chaos.History.Effect;
import dev.millrace.worker.chaos.History.Kill;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads a history and names every promise that it breaks: no event is missing, the first effects of
 * a key are in order, and an event ran again only if a kill found it in flight or finished since
 * the last commit.
 *
 * @param events how many events there were, numbered from 0
 * @param inFlight how many events may be with the worker at once
 * @param commitMillis how far back from a kill a finished event may be uncommitted
 */
record HistoryChecker(int events, int inFlight, long commitMillis) {

  /** The violations, empty if every promise was kept. */
  List<String> check(History history) {
    List<String> violations = new ArrayList<>();
    Set<Integer> seen = new HashSet<>();
    Map<String, Integer> latest = new HashMap<>();
    int repeated = 0;
    for (Effect effect : history.effects()) {
      if (!seen.add(effect.number())) {
        repeated++;
        continue;
      }
      Integer before = latest.put(effect.key(), effect.number());
      if (before != null && before > effect.number()) {
        violations.add(
            "key %s: %d first took effect after %d"
                .formatted(effect.key(), effect.number(), before));
      }
    }
    if (seen.size() != events) {
      violations.add("%d of %d events never took effect".formatted(events - seen.size(), events));
    }
    int allowed = allowed(history);
    if (repeated > allowed) {
      violations.add("%d events ran again; at most %d may".formatted(repeated, allowed));
    }
    return violations;
  }

  /** What was in flight at each kill, and what took effect in the commit interval before it. */
  private int allowed(History history) {
    int allowed = 0;
    for (Kill kill : history.kills()) {
      allowed += inFlight;
      for (Effect effect : history.effects()) {
        if (effect.atMillis() <= kill.atMillis()
            && effect.atMillis() >= kill.atMillis() - commitMillis) {
          allowed++;
        }
      }
    }
    return allowed;
  }
}
