package dev.millrace.worker.keeping;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.worker.dispatch.Parking;
import dev.millrace.worker.store.ParkedRetries;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Parks one trigger's retries in the worker's store, as many as it may have there. */
public final class StoreParking implements Parking {

  /** A retry that waits for this long or longer leaves memory. */
  public static final Duration BEYOND = Duration.ofSeconds(30);

  private static final Logger LOG = LoggerFactory.getLogger(StoreParking.class);

  private final ParkedRetries retries;
  private final Duration beyond;
  private final long most;

  /** Whether the latest retry found no place; said once each time. */
  private final AtomicBoolean full = new AtomicBoolean();

  /**
   * @param retries where
   * @param beyond the shortest delay for which an event is parked
   * @param most how many of the trigger's retries are kept there at once; what is beyond that waits
   *     in memory
   */
  public StoreParking(ParkedRetries retries, Duration beyond, long most) {
    this.retries = retries;
    this.beyond = beyond;
    this.most = most;
  }

  @Override
  public Duration beyond() {
    return beyond;
  }

  @Override
  public CompletionStage<Void> park(Parked retry) {
    return retries
        .park(
            new ParkedRetries.Parked(
                retry.trigger() + "/" + retry.event().receipt(),
                DetachedEvent.copyOf(retry.event()),
                retry.trigger(),
                retry.function(),
                retry.attempts(),
                retry.receivedAt(),
                retry.dueAt(),
                retry.history()),
            most)
        .thenAccept(
            kept -> {
              tellOnce(retry.trigger(), !kept);
              if (!kept) {
                throw new IllegalStateException("retry.max_parked are parked already");
              }
            });
  }

  private void tellOnce(String trigger, boolean nowFull) {
    if (full.getAndSet(nowFull) == nowFull) {
      return;
    }
    if (nowFull) {
      LOG.atWarn()
          .addKeyValue("trigger", trigger)
          .addKeyValue("limit", most)
          .log(
              "no more retries are parked (retry.max_parked): they wait in memory, which may stop"
                  + " the intake");
    } else {
      LOG.atInfo().addKeyValue("trigger", trigger).log("retries are parked again");
    }
  }
}
