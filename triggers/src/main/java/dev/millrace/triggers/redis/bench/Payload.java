package dev.millrace.triggers.redis.bench;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** The data of each event: 1 KiB, with a time at its beginning. */
public final class Payload {

  static final int BYTES = 1024;

  private Payload() {}

  static byte[] make() {
    byte[] payload = new byte[BYTES];
    Arrays.fill(payload, (byte) 'x');
    return payload;
  }

  /** The reading of {@link System#nanoTime} at which a paced event was to be published. */
  public static long scheduledNanos(byte[] payload) {
    return ByteBuffer.wrap(payload).getLong(0);
  }

  /** What the guest of the benchmarks does, in Java: FNV-1a. */
  static int hash(byte[] data) {
    int hash = 0x811c9dc5;
    for (byte b : data) {
      hash = (hash ^ (b & 0xff)) * 0x01000193;
    }
    return hash;
  }
}
