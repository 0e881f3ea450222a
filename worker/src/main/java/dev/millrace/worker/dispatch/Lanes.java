package dev.millrace.worker.dispatch;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Who waits for whom. The first to enter a lane is its head and may run; the others wait behind it,
 * in order. A lane exists only while somebody is in it. Safe for any thread; one lock for each of
 * 64 stripes of lanes.
 *
 * @param <T> what waits
 */
final class Lanes<T> {

  private static final int STRIPES = 64;

  /** Lanes by name; a lane with a head and nobody behind it maps to the shared empty queue. */
  private final Map<Object, ArrayDeque<T>>[] stripes;

  private final ArrayDeque<T> nobody = new ArrayDeque<>(0);

  @SuppressWarnings({"unchecked", "rawtypes"})
  Lanes() {
    stripes = new Map[STRIPES];
    for (int i = 0; i < STRIPES; i++) {
      stripes[i] = new HashMap<>();
    }
  }

  /** Enters a lane; true if its head is now this entry, false if it waits behind others. */
  @SuppressWarnings("ReferenceEquality") // the shared empty queue is told apart by identity
  boolean enter(Object lane, T entry) {
    Map<Object, ArrayDeque<T>> stripe = stripe(lane);
    synchronized (stripe) {
      ArrayDeque<T> waiting = stripe.get(lane);
      if (waiting == null) {
        stripe.put(lane, nobody);
        return true;
      }
      if (waiting == nobody) {
        waiting = new ArrayDeque<>(4);
        stripe.put(lane, waiting);
      }
      waiting.add(entry);
      return false;
    }
  }

  /** The head leaves; whoever waited longest is the new head and is returned. */
  @Nullable T leave(Object lane) {
    Map<Object, ArrayDeque<T>> stripe = stripe(lane);
    synchronized (stripe) {
      ArrayDeque<T> waiting = stripe.get(lane);
      T next = waiting == null ? null : waiting.poll();
      if (next == null) {
        stripe.remove(lane);
      }
      return next;
    }
  }

  /** Shows those who wait behind the head of a lane, in order; the visitor must not call back. */
  void behind(Object lane, Consumer<T> visitor) {
    Map<Object, ArrayDeque<T>> stripe = stripe(lane);
    synchronized (stripe) {
      ArrayDeque<T> waiting = stripe.get(lane);
      if (waiting != null) {
        waiting.forEach(visitor);
      }
    }
  }

  /** How many lanes have somebody in them. */
  int size() {
    int size = 0;
    for (Map<Object, ArrayDeque<T>> stripe : stripes) {
      synchronized (stripe) {
        size += stripe.size();
      }
    }
    return size;
  }

  private Map<Object, ArrayDeque<T>> stripe(Object lane) {
    int hash = lane.hashCode() * 0x9E3779B9;
    return stripes[hash >>> 26];
  }
}
