package dev.millrace.triggers.redis;

import dev.millrace.triggers.Intake;
import java.time.Duration;

/**
 * Lets what one loop reads flow into the intake: in its order, no more than there is room for, and
 * nothing while the trigger is paused. The loop rests where there is nothing to do.
 *
 * <p>Confined to the loop's thread but for {@link #pause} and {@link #wake}.
 *
 * @param <K> names an item within its source
 */
final class Inflow<K> {

  private static final Duration FULL_WAIT = Duration.ofMillis(20);
  private static final Duration BUSY_WAIT = Duration.ofMillis(50);
  private static final Duration IDLE_WAIT = Duration.ofMillis(500);

  private final Intake intake;
  private final int batch;
  private final Wakeup wakeup = new Wakeup();
  private final Handover<K> handover;

  private volatile boolean paused;

  /**
   * An inflow that has nothing yet.
   *
   * @param batch how many items to read at once, at most
   */
  Inflow(Intake intake, int batch) {
    this.intake = intake;
    this.batch = batch;
    this.handover = new Handover<>(intake, wakeup);
  }

  /** What is here of the source. */
  Handover<K> handover() {
    return handover;
  }

  /** Names the loop's thread; before it rests, by that thread. */
  void belongsToThisThread() {
    wakeup.belongsToThisThread();
  }

  /** Lets nothing in from now on, or again. Any thread. */
  void pause(boolean now) {
    paused = now;
    wakeup.signal();
  }

  boolean isPaused() {
    return paused;
  }

  /** Ends the loop's rest. Any thread. */
  void wake() {
    wakeup.signal();
  }

  /** How many items there is room for now, of a batch at most; may be negative or 0. */
  int room() {
    return Math.min(intake.room(), batch);
  }

  /**
   * Offers what waits, and says how many more items to read. Where those are 0, it has rested: the
   * trigger is paused, or the intake is full.
   */
  int wanted() {
    if (paused) {
      wakeup.await(pace(handover.running() > 0));
      return 0;
    }
    int room = handover.offer() ? room() : 0;
    if (room <= 0) {
      wakeup.await(FULL_WAIT);
      return 0;
    }
    return room;
  }

  /** Offers what was read; the trigger may have been paused while the loop waited for it. */
  void offer() {
    if (!paused) {
      handover.offer();
    }
  }

  /** Rests until it is woken or something is settled, for about so long at most. */
  void rest(Duration limit) {
    wakeup.await(limit);
  }

  /**
   * How long a loop waits for what is new.
   *
   * @param busy whether it has settlements to acknowledge, or will have soon
   */
  static Duration pace(boolean busy) {
    return busy ? BUSY_WAIT : IDLE_WAIT;
  }
}
