package dev.millrace.triggers.redis;

import java.time.Duration;

/**
 * How often a stream's loop does what is not reading.
 *
 * @param housekeeping how often it looks at the group's lag and trims
 * @param lease how long a shard's lease holds without being renewed
 * @param consumerIdle consumers that have nothing and gave no sign of life for so long are removed
 * @param consumerLook how often it looks for them
 */
record StreamPace(
    Duration housekeeping, Duration lease, Duration consumerIdle, Duration consumerLook) {

  static final StreamPace DEFAULT =
      new StreamPace(
          Duration.ofSeconds(5),
          Duration.ofSeconds(15),
          Duration.ofDays(1),
          Duration.ofMinutes(10));
}
