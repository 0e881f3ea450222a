package dev.millrace.worker.keeping;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.worker.dispatch.Parking;
import dev.millrace.worker.store.ParkedRetries;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

/**
 * Parks retries in the worker's store.
 *
 * @param retries where
 * @param beyond the shortest delay for which an event is parked
 */
public record StoreParking(ParkedRetries retries, Duration beyond) implements Parking {

  /** A retry that waits for this long or longer leaves memory. */
  public static final Duration BEYOND = Duration.ofSeconds(30);

  @Override
  public CompletionStage<Void> park(Parked retry) {
    return retries.park(
        new ParkedRetries.Parked(
            retry.trigger() + "/" + retry.event().receipt(),
            DetachedEvent.copyOf(retry.event()),
            retry.trigger(),
            retry.function(),
            retry.attempts(),
            retry.receivedAt(),
            retry.dueAt(),
            retry.history()));
  }
}
