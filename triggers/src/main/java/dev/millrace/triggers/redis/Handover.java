package dev.millrace.triggers.redis;

import dev.millrace.abi.Event;
import dev.millrace.triggers.Intake;
import dev.millrace.triggers.Settlement;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * What a loop has taken from its source and not yet acknowledged there: what waits for room in the
 * intake, what runs, and what the worker gave back.
 *
 * <p>Confined to the loop's thread; settlements come from any thread, into a queue.
 *
 * @param <K> names an item within its source
 */
final class Handover<K> {

  private final Intake intake;
  private final Wakeup wakeup;
  private final Deque<Item<K>> waiting = new ArrayDeque<>();
  private final Map<K, State> states = new HashMap<>();
  private final Queue<Settled<K>> mailbox = new ConcurrentLinkedQueue<>();
  private int running;

  /** One event on its way. */
  record Item<K>(K id, Event event, @Nullable Object lane) {}

  private record Settled<K>(K id, Settlement settlement) {}

  private enum State {
    WAITING,
    RUNNING,
    /** Given back: it comes again after the next start, not in this run. */
    RELEASED
  }

  Handover(Intake intake, Wakeup wakeup) {
    this.intake = intake;
    this.wakeup = wakeup;
  }

  /** Whether an item is here already, in whatever state: the source may tell of it again. */
  boolean knows(K id) {
    return states.containsKey(id);
  }

  /** Whether an item waits for room or runs. */
  boolean isOpen(K id) {
    State state = states.get(id);
    return state == State.WAITING || state == State.RUNNING;
  }

  /** Takes an item that is not known yet. */
  void add(Item<K> item) {
    states.put(item.id(), State.WAITING);
    waiting.addLast(item);
  }

  /** Offers what waits, in its order; whether all of it was taken. */
  boolean offer() {
    while (!waiting.isEmpty()) {
      Item<K> item = waiting.getFirst();
      states.put(item.id(), State.RUNNING);
      running++;
      boolean taken =
          intake.offer(
              item.event(),
              item.lane(),
              (event, settlement) -> {
                mailbox.add(new Settled<>(item.id(), settlement));
                wakeup.signal();
              });
      if (!taken) {
        states.put(item.id(), State.WAITING);
        running--;
        return false;
      }
      waiting.removeFirst();
    }
    return true;
  }

  /** What was settled since the last call and may be acknowledged at the source. */
  List<K> takeAcknowledged() {
    List<K> acknowledged = new ArrayList<>();
    for (Settled<K> next = mailbox.poll(); next != null; next = mailbox.poll()) {
      running--;
      if (next.settlement().acknowledge()) {
        states.remove(next.id());
        acknowledged.add(next.id());
      } else {
        states.put(next.id(), State.RELEASED);
      }
    }
    return acknowledged;
  }

  /** How many items run: offered, taken and not settled. */
  int running() {
    return running;
  }

  int waiting() {
    return waiting.size();
  }

  /** Gives up what was not offered; the source keeps it. In its order. */
  List<K> dropWaiting() {
    List<K> dropped = waiting.stream().map(Item::id).toList();
    waiting.clear();
    dropped.forEach(states::remove);
    return dropped;
  }

  /** What the worker gave back. */
  List<K> released() {
    List<K> released = new ArrayList<>();
    states.forEach(
        (id, state) -> {
          if (state == State.RELEASED) {
            released.add(id);
          }
        });
    return released;
  }
}
