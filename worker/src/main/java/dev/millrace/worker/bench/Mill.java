package dev.millrace.worker.bench;

import dev.millrace.abi.Event;
import dev.millrace.abi.Message;
import dev.millrace.triggers.Intake;
import dev.millrace.triggers.Publisher;
import dev.millrace.worker.cores.WorkerThreads;
import dev.millrace.worker.dispatch.Backoff;
import dev.millrace.worker.dispatch.Bounds;
import dev.millrace.worker.dispatch.CrashRecord;
import dev.millrace.worker.dispatch.DispatchListener;
import dev.millrace.worker.dispatch.Dispatcher;
import dev.millrace.worker.dispatch.Keeping;
import dev.millrace.worker.dispatch.OnceKeys;
import dev.millrace.worker.dispatch.RetryPolicy;
import dev.millrace.worker.dispatch.Surroundings;
import dev.millrace.worker.dispatch.SystemTimer;
import dev.millrace.worker.dispatch.Tries;
import dev.millrace.worker.dispatch.TriggerPolicy;
import dev.millrace.worker.wasm.Engine;
import dev.millrace.worker.wasm.EngineOptions;
import dev.millrace.worker.wasm.FunctionSpec;
import dev.millrace.worker.wasm.HttpGateway;
import dev.millrace.worker.wasm.Outside;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;

/**
 * Engine, dispatcher and worker threads as a worker has them, without sources and without a store.
 * Each function has an intake of its own name; a failed event is not tried again and dropped.
 */
final class Mill implements AutoCloseable {

  private static final Duration END = Duration.ofSeconds(30);

  private final Engine engine;
  private final WorkerThreads threads =
      WorkerThreads.start(Runtime.getRuntime().availableProcessors());
  private final SystemTimer timer = new SystemTimer();
  private final Dispatcher dispatcher =
      new Dispatcher(
          new Surroundings(
              threads,
              timer,
              Clock.systemUTC(),
              () -> ThreadLocalRandom.current().nextLong(),
              DispatchListener.NONE,
              CrashRecord.NONE,
              OnceKeys.inMemory(),
              64),
          Map.of());

  /**
   * @param http what guests ask
   */
  Mill(HttpGateway http) {
    engine = Engine.open(EngineOptions.defaults().withOutside(Outside.inMemory().withHttp(http)));
  }

  /** Deploys a function and opens its intake. */
  Intake deploy(FunctionSpec function, int maxInFlight) throws Exception {
    Tries once = new Tries(1, new Backoff(Duration.ofMillis(1), Duration.ofMillis(1), 1));
    return dispatcher.intake(
        new TriggerPolicy(
            function.name(),
            engine.deploy(function),
            new Bounds(maxInFlight, 64L << 20),
            RetryPolicy.of(once),
            Optional.empty(),
            new Nowhere(),
            new Keeping(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty())));
  }

  /** Waits until every event is settled. */
  void awaitIdle() throws InterruptedException {
    long end = System.nanoTime() + END.toNanos();
    while (!dispatcher.idle()) {
      if (System.nanoTime() - end > 0) {
        throw new IllegalStateException("events were not settled within " + END);
      }
      Thread.sleep(1);
    }
  }

  @Override
  public void close() {
    threads.close();
    timer.close();
    engine.close();
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
