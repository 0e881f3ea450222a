package dev.millrace.worker.dispatch;

import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * What the dispatcher needs of the world; in a test all of it is the test's.
 *
 * @param workers runs function calls; bounds how many run at once over all functions
 * @param timer wakes waiting events
 * @param clock tells the time
 * @param random draws the jitter; safe for any thread
 * @param listener watches
 * @param crashes remembers what was running when the process ended
 * @param onceKeys keeps what functions claim
 * @param turn how many events of one function are run at most before others are looked at, also
 *     where {@code workers} do not end the turn earlier
 */
public record Surroundings(
    Workers workers,
    Timer timer,
    InstantSource clock,
    RandomGenerator random,
    DispatchListener listener,
    CrashRecord crashes,
    OnceKeys onceKeys,
    int turn) {

  public Surroundings {
    if (turn < 1) {
      throw new IllegalArgumentException("turn must be >= 1");
    }
  }

  /** Runs all functions' turns on one executor, in its order. */
  public Surroundings(
      Executor workers,
      Timer timer,
      InstantSource clock,
      RandomGenerator random,
      DispatchListener listener,
      CrashRecord crashes,
      OnceKeys onceKeys,
      int turn) {
    this(Workers.on(workers), timer, clock, random, listener, crashes, onceKeys, turn);
  }

  /** A stage from a port that may throw instead of answering. */
  <T> CompletionStage<T> call(Supplier<CompletionStage<T>> port) {
    try {
      return port.get();
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }
}
