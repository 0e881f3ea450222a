package dev.millrace.triggers.cron;

import java.time.Duration;
import java.time.Instant;

/**
 * How long a fire is held back after its grid time. A pure function of the trigger's name and the
 * grid time, so that every replica and every restart agrees.
 *
 * @param max the delays are spread evenly from zero to this much, in milliseconds
 */
record Jitter(Duration max) {

  Duration of(String trigger, Instant gridTime) {
    long mixed = mix(trigger.hashCode() * 0x9E3779B97F4A7C15L + gridTime.toEpochMilli());
    return Duration.ofMillis(Long.remainderUnsigned(mixed, max.toMillis() + 1));
  }

  /** The finalizer of MurmurHash3: each bit of the input changes about half of the output's. */
  private static long mix(long value) {
    long h = value;
    h = (h ^ (h >>> 33)) * 0xFF51AFD7ED558CCDL;
    h = (h ^ (h >>> 33)) * 0xC4CEB9FE1A85EC53L;
    return h ^ (h >>> 33);
  }
}
