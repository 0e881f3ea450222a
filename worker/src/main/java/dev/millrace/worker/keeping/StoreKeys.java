package dev.millrace.worker.keeping;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.abi.Event;
import dev.millrace.worker.dispatch.KeyQueue;
import dev.millrace.worker.store.KeyQueues;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CompletionStage;

/**
 * Parks keys in the worker's store, which is asked about each event, because other workers may have
 * parked its key.
 *
 * @param queues where
 * @param clock tells the time
 */
public record StoreKeys(KeyQueues queues, InstantSource clock) implements KeyQueue {

  @Override
  public CompletionStage<Void> park(String trigger, String lane, String letterId) {
    return queues.park(trigger, lane, letterId, clock.instant());
  }

  @Override
  public CompletionStage<Boolean> appendIfParked(
      String trigger, String lane, Event event, Instant receivedAt) {
    return queues.appendIfParked(trigger, lane, DetachedEvent.copyOf(event), receivedAt);
  }

  @Override
  public CompletionStage<Boolean> mayRun(String trigger, String lane, Queued queued) {
    return queues.holds(trigger, lane, queued.sequence());
  }

  @Override
  public CompletionStage<Boolean> unparkIfEmpty(String trigger, String lane) {
    return queues.unparkIfEmpty(trigger, lane);
  }
}
