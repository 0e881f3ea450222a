package dev.millrace.worker.wasm;

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
record HostClock(InstantSource wall, LongSupplier ticker, RandomGenerator seeds) {

  private static final int REALTIME = 0;
  static final int MONOTONIC = 1;
  private static final int PROCESS_CPU = 2;
  private static final int THREAD_CPU = 3;
  private static final long NANOS_PER_SECOND = 1_000_000_000;

  /** What WASI answers for a clock id. */
  static int errno(int id) {
    return switch (id) {
      case REALTIME, MONOTONIC -> Errno.SUCCESS;
      case PROCESS_CPU, THREAD_CPU -> Errno.NOTSUP;
      default -> Errno.INVAL;
    };
  }

  /** The seed of one invocation's random numbers. */
  byte[] seed() {
    byte[] seed = new byte[GuestRandom.SEED_BYTES];
    seeds.nextBytes(seed);
    return seed;
  }

  /** Nanoseconds on a clock for which {@link #errno} is success. */
  long nanos(int id) {
    if (id == MONOTONIC) {
      return ticker.getAsLong();
    }
    Instant now = wall.instant();
    return now.getEpochSecond() * NANOS_PER_SECOND + now.getNano();
  }
}
