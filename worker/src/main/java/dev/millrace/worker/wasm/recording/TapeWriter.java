package dev.millrace.worker.wasm.recording;

import dev.millrace.triggers.Recording;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Writes a {@link Recording.Tape}. Its buffer is used again for the next one; nothing is allocated
 * until there is something to write.
 *
 * <p>Confined to one thread.
 */
public final class TapeWriter {

  /** What is kept of an attempt. A reading of a clock takes about four bytes. */
  public static final int LIMIT_BYTES = 64 << 10;

  static final int REALTIME = 0;
  static final int MONOTONIC = 1;
  static final int TIME_LEFT = 2;
  static final int ANSWER = 3;

  private static final byte[] NOTHING = new byte[0];
  private static final int INITIAL_BYTES = 64;
  private static final int KEPT_BYTES = 4 << 10;
  private static final int MAX_NUMBER_BYTES = 10;

  private final long[] previous = new long[ANSWER];
  private byte[] buffer = NOTHING;
  private int size;
  private boolean cut;

  /** Begins a new tape. */
  void clear() {
    if (size > 0) {
      Arrays.fill(previous, 0);
      size = 0;
      if (buffer.length > KEPT_BYTES) {
        buffer = NOTHING;
      }
    }
    cut = false;
  }

  /** Notes a number of the kind {@code tag}. */
  void number(int tag, long value) {
    if (!room(1 + MAX_NUMBER_BYTES)) {
      return;
    }
    long difference = value - previous[tag];
    previous[tag] = value;
    buffer[size++] = (byte) tag;
    varint((difference << 1) ^ (difference >> 63));
  }

  /** Notes what a host call answered. */
  void answer(String call, byte @Nullable [] bytes) {
    byte[] name = call.getBytes(StandardCharsets.UTF_8);
    int length = bytes == null ? 0 : bytes.length;
    if (!room(1L + 2 * MAX_NUMBER_BYTES + name.length + length)) {
      return;
    }
    buffer[size++] = ANSWER;
    varint(name.length);
    append(name);
    if (bytes == null) {
      varint(0);
    } else {
      varint(bytes.length + 1L);
      append(bytes);
    }
  }

  /**
   * What was written since it was cleared.
   *
   * @param seed where random numbers came from; empty if none were asked for
   */
  Recording.Tape tape(byte[] seed) {
    return size == 0 && seed.length == 0 && !cut
        ? Recording.Tape.EMPTY
        : new Recording.Tape(seed, Arrays.copyOf(buffer, size), cut);
  }

  /** After the first entry that has no room none is written: an order with gaps is no use. */
  private boolean room(long bytes) {
    if (cut || size + bytes > LIMIT_BYTES) {
      cut = true;
      return false;
    }
    if (size + bytes > buffer.length) {
      int grown = Math.max(INITIAL_BYTES, Math.max((int) (size + bytes), 2 * buffer.length));
      buffer = Arrays.copyOf(buffer, Math.min(LIMIT_BYTES, grown));
    }
    return true;
  }

  private void varint(long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      buffer[size++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    buffer[size++] = (byte) rest;
  }

  private void append(byte[] bytes) {
    System.arraycopy(bytes, 0, buffer, size, bytes.length);
    size += bytes.length;
  }
}
