package dev.millrace.worker.dispatch;

import dev.millrace.triggers.Settlement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings an event's stay to its end: what must outlive it is remembered, its room is given back,
 * its trigger is told, and the next of its lane goes on.
 */
final class Ending {

  private static final Logger LOG = LoggerFactory.getLogger(Ending.class);

  private final TriggerState state;
  private final Holding holding;
  private final Claims claims;
  private final @Nullable KeyBatches batches;
  private final @Nullable Duplicates duplicates;

  Ending(
      TriggerState state,
      Holding holding,
      Claims claims,
      @Nullable KeyBatches batches,
      @Nullable Duplicates duplicates) {
    this.state = state;
    this.holding = holding;
    this.claims = claims;
    this.batches = batches;
    this.duplicates = duplicates;
  }

  /** Settles an event that its source may forget, once all is remembered that must be. */
  void conclude(Task task, Settlement settlement, String reason) {
    if (settlement == Settlement.DONE && !task.claims.isEmpty()) {
      finishClaims(task);
      return;
    }
    if (duplicates == null) {
      settle(task, settlement, reason);
      return;
    }
    CompletionStage<Void> remembered = state.around().call(() -> duplicates.remember(task));
    remembered.whenComplete(
        (ok, error) -> {
          if (error == null) {
            settle(task, settlement, reason);
          } else {
            holding.holdForStore(task, error, () -> conclude(task, settlement, reason));
          }
        });
  }

  private void finishClaims(Task task) {
    claims
        .finish(task)
        .whenComplete(
            (ok, error) -> {
              if (error == null) {
                task.claims = List.of();
                conclude(task, Settlement.DONE, "");
              } else {
                holding.holdForStore(task, error, () -> finishClaims(task));
              }
            });
  }

  /** Ends an event's stay, and lets the next of its lane go on. */
  void settle(Task task, Settlement settlement, String reason) {
    boolean stepsBack = settlement == Settlement.RELEASED;
    Object name = task.lane;
    if (name != null) {
      state.lanes().stallNoMore(name);
      if (stepsBack && task.batch != KeyBatches.NONE && batches != null) {
        batches.end(name); // its followers out of the same queue must not overtake it
      }
    }
    finish(task, settlement, reason);
    Lane<LaneEntry> lane = task.joined;
    if (lane == null) {
      return;
    }
    if (stepsBack && task.batch == KeyBatches.NONE) {
      state.lanes().giveBack(lane);
    } else {
      state.lanes().leave(lane);
    }
  }

  /** The worker stops, and the event need not wait for it. */
  void release(Task task) {
    holding.end(task);
    settle(task, Settlement.RELEASED, "shutdown");
  }

  /** Gives an event's room back, then tells the trigger. Its lane is the caller's business. */
  void finish(Task task, Settlement settlement, String reason) {
    if (!task.settle()) {
      LOG.atError()
          .addKeyValue("trigger", state.trigger())
          .addKeyValue("event", task.event.id())
          .addKeyValue("settlement", settlement)
          .log("an event was settled a second time; this is a bug of Millrace");
      return;
    }
    if (settlement != Settlement.RELEASED && settlement != Settlement.PARKED) {
      state.around().crashes().settled(state.trigger(), task.event);
    }
    state.account().settle(task.size(), task.aside, settlement, reason);
    Duration sinceReceipt = Duration.between(task.receivedAt, state.around().clock().instant());
    state.listener().settled(state.trigger(), task.event, settlement, sinceReceipt);
    tell(task, settlement);
    if (duplicates != null) {
      duplicates.settled(task).forEach(state.waiting()::wake);
    }
  }

  private void tell(Task task, Settlement settlement) {
    try {
      task.listener.settled(task.event, settlement);
    } catch (RuntimeException bug) {
      LOG.atError()
          .setCause(bug)
          .addKeyValue("trigger", state.trigger())
          .addKeyValue("event", task.event.id())
          .log("a settlement listener threw; this is a bug of the trigger");
    }
  }
}
