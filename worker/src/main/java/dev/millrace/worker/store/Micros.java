package dev.millrace.worker.store;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * Times as microseconds since 1970, the precision of both databases. A time beyond 292,000 years
 * becomes the last one that fits.
 */
final class Micros {

  private static final Instant FIRST = instant(Long.MIN_VALUE);
  private static final Instant LAST = instant(Long.MAX_VALUE);

  private Micros() {}

  static long of(Instant time) {
    if (time.isBefore(FIRST)) {
      return Long.MIN_VALUE;
    }
    return time.isAfter(LAST) ? Long.MAX_VALUE : ChronoUnit.MICROS.between(Instant.EPOCH, time);
  }

  static Instant instant(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }

  /** Reads a column that may be empty. */
  static Optional<Instant> optional(long micros, boolean absent) {
    return absent ? Optional.empty() : Optional.of(instant(micros));
  }
}
