package dev.millrace.worker.dispatch;

import dev.millrace.triggers.DeadLetter;
import dev.millrace.triggers.DeadLetterSink;
import dev.millrace.triggers.FailureKind;
import dev.millrace.triggers.Settlement;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Gives up an event that failed for good: it is stored as a dead letter, or dropped and counted
 * where the manifest wants that. The event is held until its letter is stored.
 */
final class GivingUp {

  private final TriggerState state;
  private final Holding holding;
  private final Claims claims;
  private final Ending ending;
  private final @Nullable KeyOrder keyOrder;

  GivingUp(
      TriggerState state,
      Holding holding,
      Claims claims,
      Ending ending,
      @Nullable KeyOrder keyOrder) {
    this.state = state;
    this.holding = holding;
    this.claims = claims;
    this.ending = ending;
    this.keyOrder = keyOrder;
  }

  void giveUp(Task task, FailureKind kind, String error) {
    claims.giveUp(task);
    DeadLetterSink sink = state.policy().keeping().deadLetters().orElse(null);
    if (sink == null) {
      ending.conclude(task, Settlement.DROPPED, kind.name().toLowerCase(Locale.ROOT));
      return;
    }
    store(
        task,
        task.deadLetter(
            state.trigger(), state.function(), kind, error, state.around().clock().instant()),
        sink);
  }

  private void store(Task task, DeadLetter letter, DeadLetterSink sink) {
    state
        .around()
        .call(() -> sink.store(letter, task.listener.results()))
        .whenComplete(
            (ok, error) -> {
              if (error == null) {
                stored(task, letter);
                return;
              }
              Duration delay = holding.delay(task);
              state.listener().deadLetterHeld(letter, Holding.cause(error), delay);
              holding.hold(task, delay, () -> store(task, letter, sink));
            });
  }

  private void stored(Task task, DeadLetter letter) {
    state.listener().deadLettered(letter);
    if (keyOrder == null || task.lane == null) {
      ending.conclude(task, Settlement.DEAD_LETTERED, "");
    } else {
      keyOrder.park(task, task.lane, letter);
    }
  }
}
