package dev.millrace.worker.keeping;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.abi.Event;
import dev.millrace.worker.dispatch.KeyQueue;
import dev.millrace.worker.store.KeyQueues;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/**
 * Parks keys in the worker's store.
 *
 * @param queues where
 * @param clock tells the time
 */
public record StoreKeys(KeyQueues queues, InstantSource clock) implements KeyQueue {

  @Override
  public Map<String, String> parked(String trigger) {
    return queues.parked(trigger);
  }

  @Override
  public CompletionStage<Void> park(String trigger, String lane, String letterId) {
    return queues.park(trigger, lane, letterId, clock.instant());
  }

  @Override
  public CompletionStage<Void> append(
      String trigger, String lane, Event event, Instant receivedAt) {
    return queues.append(trigger, lane, DetachedEvent.copyOf(event), receivedAt);
  }

  @Override
  public CompletionStage<Boolean> unparkIfEmpty(String trigger, String lane) {
    return queues.unparkIfEmpty(trigger, lane);
  }
}
