package dev.millrace.worker.wasm;

import dev.millrace.worker.dispatch.OnceKeys;
import dev.millrace.worker.wasm.host.Outside;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * How an engine runs.
 *
 * @param cacheDirectory where compiled modules are kept, a directory for the worker alone; empty to
 *     compile at every start
 * @param wallClock the time of day that guests see
 * @param ticker nanoseconds that never go back, for the monotonic clock that guests see and for the
 *     age of idle slots; deadlines use the system's own
 * @param random secret random bytes, from which the seeds of guests' random numbers are drawn; used
 *     by several threads at once
 * @param outside what guests can be granted to reach; default in memory, and nothing that is sent
 * @param idleAfter how long a slot may wait for an event before it is let go; default 60 s, from
 *     when the housekeeping first sees it wait
 * @param unloadAfter how long a module without slots keeps its code in the JVM; default 10 min
 */
public record EngineOptions(
    Optional<Path> cacheDirectory,
    InstantSource wallClock,
    LongSupplier ticker,
    RandomGenerator random,
    Outside outside,
    Duration idleAfter,
    Duration unloadAfter) {

  public static final Duration DEFAULT_IDLE_AFTER = Duration.ofSeconds(60);
  public static final Duration DEFAULT_UNLOAD_AFTER = Duration.ofMinutes(10);

  /** Where a worker keeps compiled modules unless it is told otherwise. */
  public static Path cacheBeside(Path store) {
    return store.resolveSibling("cache");
  }

  /** The system's clocks and secure random numbers. */
  public static EngineOptions defaults() {
    return new EngineOptions(
        Optional.empty(),
        InstantSource.system(),
        System::nanoTime,
        new SecureRandom(),
        Outside.inMemory(),
        DEFAULT_IDLE_AFTER,
        DEFAULT_UNLOAD_AFTER);
  }

  /** The same with a cache for compiled modules. */
  public EngineOptions withCacheDirectory(Path directory) {
    return new EngineOptions(
        Optional.of(directory), wallClock, ticker, random, outside, idleAfter, unloadAfter);
  }

  /** The same with another time of day. */
  public EngineOptions withWallClock(InstantSource clock) {
    return new EngineOptions(
        cacheDirectory, clock, ticker, random, outside, idleAfter, unloadAfter);
  }

  /** The same with another monotonic clock. */
  public EngineOptions withTicker(LongSupplier nanos) {
    return new EngineOptions(
        cacheDirectory, wallClock, nanos, random, outside, idleAfter, unloadAfter);
  }

  /** The same with other seeds for random numbers. */
  public EngineOptions withRandom(RandomGenerator generator) {
    return new EngineOptions(
        cacheDirectory, wallClock, ticker, generator, outside, idleAfter, unloadAfter);
  }

  /** The same with another place for claims. */
  public EngineOptions withOnceKeys(OnceKeys keys) {
    return withOutside(outside.withOnceKeys(keys));
  }

  /** The same with something else that guests can be granted to reach. */
  public EngineOptions withOutside(Outside other) {
    return new EngineOptions(
        cacheDirectory, wallClock, ticker, random, other, idleAfter, unloadAfter);
  }

  /** The same with another time after which idle slots are let go. */
  public EngineOptions withIdleAfter(Duration duration) {
    return new EngineOptions(
        cacheDirectory, wallClock, ticker, random, outside, duration, unloadAfter);
  }

  /** The same with another time after which the code of modules without slots is let go. */
  public EngineOptions withUnloadAfter(Duration duration) {
    return new EngineOptions(
        cacheDirectory, wallClock, ticker, random, outside, idleAfter, duration);
  }
}
