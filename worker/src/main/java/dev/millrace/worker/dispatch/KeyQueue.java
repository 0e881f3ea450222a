package dev.millrace.worker.dispatch;

import dev.millrace.abi.Event;
import dev.millrace.triggers.Settlement;
import java.time.Instant;
import java.util.concurrent.CompletionStage;

/**
 * Where the later events of a failed key wait, in order, until its dead letter is replayed or
 * discarded. Other workers may park the same keys and queue events behind them, so that it is asked
 * for each event whether its key is parked. Nothing here blocks; a stage completes once what it
 * promises is durable.
 */
public interface KeyQueue {

  /**
   * An event in the queue of a lane.
   *
   * @param sequence its place, ascending
   * @param event the event
   * @param receivedAt when the worker first received it
   */
  record Queued(long sequence, Event event, Instant receivedAt) {}

  /** Learns how an event out of a queue ended; must only hand it over to another thread. */
  @FunctionalInterface
  interface SettlementListener {
    void settled(Queued queued, Settlement settlement);
  }

  /** Parks a lane behind a dead letter, or behind another one than before. */
  CompletionStage<Void> park(String trigger, String lane, String letterId);

  /**
   * Appends an event to the queue of its lane if that is parked, unless it is in it already;
   * completes with whether the lane is parked. Asked in the lane's turn, and answered at once where
   * nothing need be asked.
   */
  CompletionStage<Boolean> appendIfParked(
      String trigger, String lane, Event event, Instant receivedAt);

  /**
   * Completes with whether an event out of a lane's queue is still this worker's to run. It is not
   * when another worker has taken the lane over.
   */
  CompletionStage<Boolean> mayRun(String trigger, String lane, Queued queued);

  /** Ends the parking of a lane if nothing is left in its queue; completes with whether it did. */
  CompletionStage<Boolean> unparkIfEmpty(String trigger, String lane);
}
