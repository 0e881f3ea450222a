package dev.millrace.worker.cores;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Says whose turn it is. There are so many places; who finds none free waits. A place that becomes
 * free goes to the function that has the fewest, of several to the one that has waited longest. A
 * function that has none, while every place is kept for long, gets a reserve place: one that keeps
 * its place cannot be told to leave it, and no function shall wait for another one's guests. Each
 * function can have one reserve place at most, so that there are never more than functions.
 *
 * <p>Guarded by its owner's lock, but for {@link #over}. Time is an argument, in nanoseconds.
 */
final class Rota<T> {

  /** Who keeps its place for longer than this, keeps it for long. */
  static final long LONG_NANOS = Duration.ofMillis(1).toNanos();

  /** A turn may last so long while others wait. */
  static final long TURN_NANOS = Duration.ofNanos(100_000).toNanos();

  private static final int NOBODY = Integer.MAX_VALUE;

  private final int places;
  private final int reserves;
  private final List<Turn<T>> running = new ArrayList<>();

  /** The functions that wait, in their order. Each is in it once. */
  private final ArrayDeque<Share<T>> ring = new ArrayDeque<>();

  /** How many places the one has that waits and has the fewest; {@link #NOBODY} if none waits. */
  private volatile int fewest = NOBODY;

  /**
   * @param places how many run at once while none keeps its place for long
   * @param reserves how many more there may be
   */
  Rota(int places, int reserves) {
    this.places = places;
    this.reserves = reserves;
  }

  /** A turn wants to run: answers whether it may. If not, it waits. */
  boolean enter(Turn<T> turn, long now) {
    Share<T> share = turn.share;
    if (running.size() < places || (share.running == 0 && mayUseReserve(now))) {
      begin(turn, now);
      return true;
    }
    if (share.waiting.isEmpty()) {
      ring.add(share);
    }
    share.waiting.add(turn);
    tellFewest();
    return false;
  }

  /** A turn has ended: answers the one that may run in its place, if there is one. */
  @Nullable Turn<T> leave(Turn<T> turn, long now) {
    running.remove(turn);
    turn.share.ended();
    Turn<T> next = next(now);
    if (next == null) {
      tellFewest();
    }
    return next;
  }

  /** A turn does not wait any more; answers whether it did. */
  boolean withdraw(Turn<T> turn) {
    Share<T> share = turn.share;
    if (!share.waiting.remove(turn)) {
      return false;
    }
    if (share.waiting.isEmpty()) {
      ring.remove(share);
    }
    tellFewest();
    return true;
  }

  /** The next turn that may run now, if there is one. */
  @Nullable Turn<T> next(long now) {
    Share<T> share = first();
    if (share == null || (running.size() >= places && (share.running > 0 || !mayUseReserve(now)))) {
      return null;
    }
    ring.remove(share);
    Turn<T> turn = share.waiting.remove();
    if (!share.waiting.isEmpty()) {
      ring.add(share);
    }
    begin(turn, now);
    tellFewest();
    return turn;
  }

  /** Whether a function waits that has no place: somebody has to look again. */
  boolean starves() {
    return fewest == 0;
  }

  /** Whether nobody waits for a place. Asked by anybody, without the lock. */
  boolean nobodyWaits() {
    return fewest == NOBODY;
  }

  /** How many run now. */
  int running() {
    return running.size();
  }

  /**
   * Whether a turn shall end: it has lasted, and somebody waits who has fewer places. Asked by the
   * thread that runs it, without the lock, after each event.
   */
  boolean over(Turn<T> turn, long now) {
    turn.nextEvent(now);
    return fewest < turn.share.running && now - turn.since >= TURN_NANOS;
  }

  private void begin(Turn<T> turn, long now) {
    turn.begin(now);
    turn.share.begins();
    running.add(turn);
  }

  private boolean mayUseReserve(long now) {
    if (running.size() >= places + reserves) {
      return false;
    }
    for (Turn<T> turn : running) {
      if (!turn.keepsItsPlace(now)) {
        return false;
      }
    }
    return true;
  }

  /** Of those that wait the one with the fewest places. */
  private @Nullable Share<T> first() {
    Share<T> first = null;
    for (Share<T> share : ring) {
      if (first == null || share.running < first.running) {
        first = share;
      }
    }
    return first;
  }

  private void tellFewest() {
    Share<T> first = first();
    int now = first == null ? NOBODY : first.running;
    if (fewest != now) {
      fewest = now;
    }
  }
}
