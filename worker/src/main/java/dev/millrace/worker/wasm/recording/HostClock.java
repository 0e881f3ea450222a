package dev.millrace.worker.wasm.recording;

import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * The world behind {@link HostAnswers}: time, and the seeds of random numbers.
 *
 * @param wall the time of day
 * @param ticker nanoseconds of a clock that never goes back
 * @param seeds secret random bytes that guests' random numbers come from; used by several threads
 *     at once
 */
public record HostClock(InstantSource wall, LongSupplier ticker, RandomGenerator seeds) {

  /** The time of day. Clocks have the numbers that WASI gives them. */
  public static final int REALTIME = 0;

  /** The clock that never goes back. */
  public static final int MONOTONIC = 1;

  private static final long NANOS_PER_SECOND = 1_000_000_000;

  /** The seed of one invocation's random numbers. */
  byte[] seed() {
    byte[] seed = new byte[GuestRandom.SEED_BYTES];
    seeds.nextBytes(seed);
    return seed;
  }

  /** Nanoseconds on one of the two clocks. */
  long nanos(int id) {
    if (id == MONOTONIC) {
      return ticker.getAsLong();
    }
    Instant now = wall.instant();
    return now.getEpochSecond() * NANOS_PER_SECOND + now.getNano();
  }
}
