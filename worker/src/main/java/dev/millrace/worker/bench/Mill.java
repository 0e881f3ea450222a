package dev.millrace.worker.bench;

import dev.millrace.abi.Event;
import dev.millrace.abi.Message;
import dev.millrace.triggers.Intake;
import dev.millrace.triggers.Publisher;
import dev.millrace.worker.WorkerSurroundings;
import dev.millrace.worker.dispatch.Backoff;
import dev.millrace.worker.dispatch.Bounds;
import dev.millrace.worker.dispatch.DispatchListener;
import dev.millrace.worker.dispatch.Dispatcher;
import dev.millrace.worker.dispatch.Function;
import dev.millrace.worker.dispatch.Keeping;
import dev.millrace.worker.dispatch.OnceKeys;
import dev.millrace.worker.dispatch.RetryPolicy;
import dev.millrace.worker.dispatch.Tries;
import dev.millrace.worker.dispatch.TriggerPolicy;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.LongAdder;

/**
 * A dispatcher and worker threads as a worker has them, without sources and without a store. A
 * failed event is not tried again and dropped.
 */
final class Mill implements AutoCloseable {

  private static final Duration END = Duration.ofSeconds(30);

  private final WorkerSurroundings around;
  private final Dispatcher dispatcher;

  private Mill(WorkerSurroundings around) {
    this.around = around;
    this.dispatcher = new Dispatcher(around.surroundings(), Map.of());
  }

  /** Nobody watches, and it is not recorded which events run. */
  static Mill unwatched() {
    return new Mill(WorkerSurroundings.unwatched());
  }

  /**
   * With all that a worker watches its events by.
   *
   * @param crashFile where it is kept which events run
   */
  static Mill watched(Path crashFile, DispatchListener metrics) throws IOException {
    return new Mill(
        WorkerSurroundings.open(
            crashFile, Clock.systemUTC(), OnceKeys.inMemory(), List.of(metrics)));
  }

  /** Opens the intake of a trigger. */
  Intake intake(String trigger, Function function, int maxInFlight) {
    Tries once = new Tries(1, new Backoff(Duration.ofMillis(1), Duration.ofMillis(1), 1));
    return dispatcher.intake(
        new TriggerPolicy(
            trigger,
            function,
            new Bounds(maxInFlight, Bounds.DEFAULT.bytes()),
            RetryPolicy.of(once),
            Optional.empty(),
            new Nowhere(),
            new Keeping(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty())));
  }

  /** Whether every event is settled. */
  boolean idle() {
    return dispatcher.idle();
  }

  /** Waits until every event is settled. */
  void awaitIdle() throws InterruptedException {
    Polling.until(
        dispatcher::idle, END, Duration.ofMillis(1), () -> "events were not settled within " + END);
  }

  @Override
  public void close() {
    around.close();
  }

  /**
   * Keeps an intake full of the same event until it is closed: whoever settles one offers the next.
   */
  static final class Flood implements AutoCloseable {

    private final Intake intake;
    private final Event event;
    private final LongAdder settled = new LongAdder();
    private volatile boolean over;

    Flood(Intake intake, Event event, int inFlight) {
      this.intake = intake;
      this.event = event;
      for (int i = 0; i < inFlight; i++) {
        offer();
      }
    }

    /** How many were settled. */
    long settled() {
      return settled.sum();
    }

    private void offer() {
      intake.offer(
          event,
          null,
          (done, settlement) -> {
            settled.increment();
            if (!over) {
              offer();
            }
          });
    }

    @Override
    public void close() {
      over = true;
    }
  }

  private static final class Nowhere implements Publisher {
    @Override
    public CompletionStage<Void> publish(List<Message> messages) {
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public void close() {}
  }
}
