package dev.millrace.worker.dispatch;

import dev.millrace.abi.Event;
import dev.millrace.triggers.Settlement;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/**
 * Where the later events of a failed key wait, in order, until its dead letter is replayed or
 * discarded. Methods other than {@link #parked} do not block; a stage completes once what it
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

  /** The lanes that are parked now, each with the dead letter that it waits for. May block. */
  Map<String, String> parked(String trigger);

  /** Parks a lane behind a dead letter, or behind another one than before. */
  CompletionStage<Void> park(String trigger, String lane, String letterId);

  /** Appends an event to the queue of a parked lane, unless it is in it already. */
  CompletionStage<Void> append(String trigger, String lane, Event event, Instant receivedAt);

  /** Ends the parking of a lane if nothing is left in its queue; completes with whether it did. */
  CompletionStage<Boolean> unparkIfEmpty(String trigger, String lane);
}
