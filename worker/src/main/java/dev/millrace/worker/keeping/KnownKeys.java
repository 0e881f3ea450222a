package dev.millrace.worker.keeping;

import dev.millrace.abi.Event;
import dev.millrace.worker.dispatch.KeyQueue;
import dev.millrace.worker.store.KeyQueues;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Parks one trigger's keys in a store that this worker has to itself: it knows which ones are
 * parked and asks about no others. Safe for any thread.
 */
public final class KnownKeys implements KeyQueue {

  private static final CompletionStage<Boolean> YES = CompletableFuture.completedStage(true);
  private static final CompletionStage<Boolean> NO = CompletableFuture.completedStage(false);

  private final StoreKeys store;

  /** Of one lane, only its head changes whether it is here. */
  private final Set<String> parked = ConcurrentHashMap.newKeySet();

  /** Reads which keys are parked. Blocks. */
  public KnownKeys(String trigger, KeyQueues queues, InstantSource clock) {
    this.store = new StoreKeys(queues, clock);
    parked.addAll(queues.parked(trigger).keySet());
  }

  @Override
  public CompletionStage<Void> park(String trigger, String lane, String letterId) {
    return store.park(trigger, lane, letterId).thenRun(() -> parked.add(lane));
  }

  @Override
  public CompletionStage<Boolean> appendIfParked(
      String trigger, String lane, Event event, Instant receivedAt) {
    return parked.contains(lane) ? store.appendIfParked(trigger, lane, event, receivedAt) : NO;
  }

  /** Nobody else could have taken the lane. */
  @Override
  public CompletionStage<Boolean> mayRun(String trigger, String lane, Queued queued) {
    return YES;
  }

  @Override
  public CompletionStage<Boolean> unparkIfEmpty(String trigger, String lane) {
    return store
        .unparkIfEmpty(trigger, lane)
        .thenApply(
            ended -> {
              if (ended) {
                parked.remove(lane);
              }
              return ended;
            });
  }
}
