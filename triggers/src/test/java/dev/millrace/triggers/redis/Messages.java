package dev.millrace.triggers.redis;

import java.nio.charset.StandardCharsets;
import java.time.Instant;

/** Received messages for tests. */
final class Messages {

  private Messages() {}

  /** A message that counts for so many bytes. */
  static Received ofSize(long number, int bytes) {
    return new Received(new byte[0], "redis:", null, new byte[bytes], Instant.EPOCH, "run", number);
  }

  static Received of(long number) {
    return of("orders".getBytes(StandardCharsets.UTF_8), number);
  }

  static Received of(byte[] channel, long number) {
    return new Received(
        channel, SourceName.of(channel), null, new byte[] {1}, Instant.EPOCH, "run", number);
  }
}
