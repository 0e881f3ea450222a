package dev.millrace.worker.chaos;

import dev.millrace.worker.chaos.History.Account;
import dev.millrace.worker.chaos.History.Commit;
import dev.millrace.worker.chaos.History.Disturbance;
import dev.millrace.worker.chaos.History.Effect;
import dev.millrace.worker.chaos.History.Exit;
import dev.millrace.worker.chaos.History.Expected;
import dev.millrace.worker.chaos.History.Letter;
import dev.millrace.worker.chaos.History.Sent;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Reads a history and names every promise that it breaks:
 *
 * <ul>
 *   <li>each event that the broker confirmed has an effect or a dead letter, and the one it must
 *       have;
 *   <li>a dead letter carries the event's key and bytes, and one stored twice has one id;
 *   <li>the first effects of a key are in order;
 *   <li>an event came to its end again only if a disturbance kept its end from being committed, but
 *       for those that it found in flight;
 *   <li>a committed offset never falls, and never passes an event without effect or dead letter: an
 *       assignment that was taken away commits nothing; in the end it passes all;
 *   <li>the account of each worker balances at each look, and nothing is pending at the last one;
 *   <li>a worker that is asked to end does so with exit code 0.
 * </ul>
 *
 * @param inFlight how many events a worker may have in flight
 * @param commitMillis how far back from a disturbance a finished event may be uncommitted
 */
record HistoryChecker(int inFlight, long commitMillis) {

  /** Of violations of one kind so many are told. */
  private static final int TOLD = 10;

  /** The violations, empty if every promise was kept. */
  List<String> check(History history) {
    List<String> violations = new ArrayList<>();
    Map<Integer, Sent> sent = new HashMap<>();
    history.all(Sent.class).forEach(event -> sent.put(event.number(), event));
    Stream.of(
            outcomes(history, sent),
            letters(history, sent),
            order(history),
            repetitions(history),
            commits(history, sent),
            accounts(history),
            exits(history))
        .forEach(found -> violations.addAll(shortened(found)));
    return violations;
  }

  private static List<String> shortened(List<String> found) {
    if (found.size() <= TOLD) {
      return found;
    }
    List<String> told = new ArrayList<>(found.subList(0, TOLD));
    told.add("and %d more like the last one".formatted(found.size() - TOLD));
    return told;
  }

  private static List<String> outcomes(History history, Map<Integer, Sent> sent) {
    Set<Integer> effects = new HashSet<>();
    Set<Integer> letters = new HashSet<>();
    history.all(Effect.class).forEach(effect -> effects.add(effect.number()));
    history.all(Letter.class).forEach(letter -> letters.add(letter.number()));
    List<String> violations = new ArrayList<>();
    for (Sent event : sent.values()) {
      boolean effect = effects.contains(event.number());
      boolean letter = letters.contains(event.number());
      if (!effect && !letter) {
        violations.add("event %d is lost".formatted(event.number()));
      } else if (event.expected() == Expected.EFFECT && letter) {
        violations.add("event %d must succeed and has a dead letter".formatted(event.number()));
      } else if (event.expected() == Expected.LETTER && effect) {
        violations.add("event %d must fail and has an effect".formatted(event.number()));
      }
    }
    return violations;
  }

  private static List<String> letters(History history, Map<Integer, Sent> sent) {
    List<String> violations = new ArrayList<>();
    Map<Integer, String> ids = new HashMap<>();
    for (Letter letter : history.all(Letter.class)) {
      Sent event = sent.get(letter.number());
      if (event != null
          && !(event.data().equals(letter.data()) && event.key().equals(letter.key()))) {
        violations.add("the dead letter of %d has other bytes".formatted(letter.number()));
      }
      String before = ids.putIfAbsent(letter.number(), letter.id());
      if (before != null && !before.equals(letter.id())) {
        violations.add(
            "event %d has two dead letters, %s and %s"
                .formatted(letter.number(), before, letter.id()));
      }
    }
    return violations;
  }

  private static List<String> order(History history) {
    List<String> violations = new ArrayList<>();
    Set<Integer> seen = new HashSet<>();
    Map<String, Integer> latest = new HashMap<>();
    for (Effect effect : history.all(Effect.class)) {
      if (!seen.add(effect.number())) {
        continue;
      }
      Integer before = latest.put(effect.key(), effect.number());
      if (before != null && before > effect.number()) {
        violations.add(
            "key %s: %d first took effect after %d"
                .formatted(effect.key(), effect.number(), before));
      }
    }
    return violations;
  }

  private List<String> repetitions(History history) {
    Map<Integer, List<Long>> ends = new HashMap<>();
    for (Effect effect : history.all(Effect.class)) {
      ends.computeIfAbsent(effect.number(), number -> new ArrayList<>()).add(effect.atMillis());
    }
    for (Letter letter : history.all(Letter.class)) {
      ends.computeIfAbsent(letter.number(), number -> new ArrayList<>()).add(letter.atMillis());
    }
    List<Disturbance> disturbances = history.all(Disturbance.class);
    int unexplained = 0;
    for (List<Long> times : ends.values()) {
      times.sort(null);
      for (int again = 1; again < times.size(); again++) {
        if (!explained(disturbances, times.get(again - 1), times.get(again))) {
          unexplained++;
        }
      }
    }
    int allowed = disturbances.size() * inFlight;
    return unexplained <= allowed
        ? List.of()
        : List.of(
            "%d events ended again that were committed before; at most %d may"
                .formatted(unexplained, allowed));
  }

  /** Whether a disturbance kept the first of two ends of an event from being committed. */
  private boolean explained(List<Disturbance> disturbances, long end, long again) {
    for (Disturbance disturbance : disturbances) {
      if (end >= disturbance.fromMillis() - commitMillis
          && end <= disturbance.untilMillis()
          && again >= disturbance.fromMillis()) {
        return true;
      }
    }
    return false;
  }

  private static List<String> commits(History history, Map<Integer, Sent> sent) {
    Map<Integer, Long> firstEnd = new HashMap<>();
    history
        .all(Effect.class)
        .forEach(effect -> firstEnd.merge(effect.number(), effect.atMillis(), Math::min));
    history
        .all(Letter.class)
        .forEach(letter -> firstEnd.merge(letter.number(), letter.atMillis(), Math::min));
    Map<Integer, TreeMap<Long, Long>> endsBelow = endsBelow(sent, firstEnd);
    List<String> violations = new ArrayList<>();
    Map<Integer, Long> latest = new HashMap<>();
    for (Commit commit : history.all(Commit.class)) {
      Long before = latest.put(commit.partition(), commit.offset());
      if (before != null && before > commit.offset()) {
        violations.add(
            "partition %d: the committed offset fell from %d to %d"
                .formatted(commit.partition(), before, commit.offset()));
      }
      Map.Entry<Long, Long> end =
          endsBelow.getOrDefault(commit.partition(), new TreeMap<>()).lowerEntry(commit.offset());
      if (end != null && end.getValue() > commit.atMillis()) {
        violations.add(
            "partition %d: %d was committed while an event below it had not ended"
                .formatted(commit.partition(), commit.offset()));
      }
    }
    if (!latest.isEmpty()) {
      endsBelow.forEach(
          (partition, ends) -> {
            long committed = latest.getOrDefault(partition, 0L);
            if (committed <= ends.lastKey()) {
              violations.add(
                  "partition %d: at the end %d is committed, and %d was sent"
                      .formatted(partition, committed, ends.lastKey()));
            }
          });
    }
    return violations;
  }

  /** For each partition and offset, when all events up to this one had ended. */
  private static Map<Integer, TreeMap<Long, Long>> endsBelow(
      Map<Integer, Sent> sent, Map<Integer, Long> firstEnd) {
    Map<Integer, TreeMap<Long, Long>> endsBelow = new HashMap<>();
    List<Sent> inOrder = new ArrayList<>(sent.values());
    inOrder.sort(Comparator.comparingLong(Sent::offset));
    for (Sent event : inOrder) {
      TreeMap<Long, Long> ends =
          endsBelow.computeIfAbsent(event.partition(), partition -> new TreeMap<>());
      long below = ends.isEmpty() ? 0 : ends.lastEntry().getValue();
      long end = firstEnd.getOrDefault(event.number(), Long.MAX_VALUE);
      ends.put(event.offset(), Math.max(below, end));
    }
    return endsBelow;
  }

  private static List<String> accounts(History history) {
    List<String> violations = new ArrayList<>();
    Account last = null;
    for (Account account : history.all(Account.class)) {
      long accounted =
          account.succeeded()
              + account.deadLettered()
              + account.dropped()
              + account.released()
              + account.pending();
      if (account.received() != accounted) {
        violations.add("%s does not balance".formatted(account));
      }
      last = account;
    }
    if (last != null && last.pending() != 0) {
      violations.add("%s: something is pending at the end".formatted(last));
    }
    return violations;
  }

  private static List<String> exits(History history) {
    List<String> violations = new ArrayList<>();
    for (Exit exit : history.all(Exit.class)) {
      if (exit.code() != 0) {
        violations.add("worker %s ended with exit code %d".formatted(exit.worker(), exit.code()));
      }
    }
    return violations;
  }
}
