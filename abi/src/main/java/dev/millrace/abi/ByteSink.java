package dev.millrace.abi;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A growing byte array with the primitives of {@link EventCodec}. Confined to one call. */
final class ByteSink {

  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final int MAX_BYTES = Integer.MAX_VALUE - 8;

  private byte[] bytes;
  private int size;

  ByteSink(int expectedBytes) {
    bytes = new byte[Math.clamp(expectedBytes, 64, MAX_BYTES)];
  }

  void u8(int value) {
    reserve(1);
    bytes[size++] = (byte) value;
  }

  void i32(int value) {
    reserve(Integer.BYTES);
    INT.set(bytes, size, value);
    size += Integer.BYTES;
  }

  /** Writes over what is there already. */
  void i32At(int position, int value) {
    INT.set(bytes, position, value);
  }

  void i64(long value) {
    reserve(Long.BYTES);
    LONG.set(bytes, size, value);
    size += Long.BYTES;
  }

  void length(int value) {
    int rest = value;
    while (rest > 0x7f) {
      u8((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    u8(rest);
  }

  void text(String value) {
    byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
    length(utf8.length);
    raw(utf8);
  }

  void optionalText(Optional<String> value) {
    optionalBytes(value.isEmpty() ? null : value.get().getBytes(StandardCharsets.UTF_8));
  }

  void optionalBytes(byte @Nullable [] value) {
    if (value == null) {
      u8(0);
      return;
    }
    length(value.length + 1);
    raw(value);
  }

  byte[] array() {
    return bytes;
  }

  int size() {
    return size;
  }

  byte[] toByteArray() {
    return size == bytes.length ? bytes : Arrays.copyOf(bytes, size);
  }

  private void raw(byte[] value) {
    reserve(value.length);
    System.arraycopy(value, 0, bytes, size, value.length);
    size += value.length;
  }

  private void reserve(int more) {
    long needed = (long) size + more;
    if (needed <= bytes.length) {
      return;
    }
    if (needed > MAX_BYTES) {
      throw new IllegalArgumentException("event is too large to encode: over " + MAX_BYTES + " B");
    }
    bytes = Arrays.copyOf(bytes, (int) Math.clamp(bytes.length * 2L, needed, MAX_BYTES));
  }
}
