package dev.millrace.worker.wasm.host;

import dev.millrace.abi.Header;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How attribute and header lists cross the border between host and guest: a u32 count, then for
 * each entry a u32 name length, the name in UTF-8, an i32 value length (-1 for none) and the value;
 * numbers little-endian, nothing padded.
 */
public final class NameValues {

  private static final int NO_VALUE = -1;
  private static final int SMALLEST_ENTRY = 2 * Integer.BYTES;

  private NameValues() {}

  /** A list of headers, in their order. */
  public static byte[] encodeHeaders(List<Header> headers) {
    return encode(
        headers.stream().map(header -> new Entry(utf8(header.name()), header.value())).toList());
  }

  static byte[] encodeAttributes(Map<String, String> attributes) {
    return encode(
        attributes.entrySet().stream()
            .map(entry -> new Entry(utf8(entry.getKey()), utf8(entry.getValue())))
            .toList());
  }

  /** A list of values by their names, in the map's order. */
  public static byte[] encode(Map<String, byte[]> values) {
    return encode(
        values.entrySet().stream()
            .map(entry -> new Entry(utf8(entry.getKey()), entry.getValue()))
            .toList());
  }

  /** Empty where the bytes are not a header list, to their last byte. */
  public static Optional<List<Header>> decodeHeaders(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    try {
      int count = buffer.getInt();
      if (count < 0 || count > buffer.remaining() / SMALLEST_ENTRY) {
        return Optional.empty();
      }
      List<Header> headers = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        byte[] name = take(buffer, buffer.getInt());
        String text = name == null ? null : GuestMemory.text(name);
        if (text == null) {
          return Optional.empty();
        }
        int length = buffer.getInt();
        byte[] value = length == NO_VALUE ? null : take(buffer, length);
        if (value == null && length != NO_VALUE) {
          return Optional.empty();
        }
        headers.add(new Header(text, value));
      }
      return buffer.hasRemaining() ? Optional.empty() : Optional.of(headers);
    } catch (BufferUnderflowException e) {
      return Optional.empty();
    }
  }

  private static byte[] encode(List<Entry> entries) {
    long size = Integer.BYTES;
    for (Entry entry : entries) {
      size += SMALLEST_ENTRY + entry.name.length + (entry.value == null ? 0 : entry.value.length);
    }
    ByteBuffer buffer = ByteBuffer.allocate(Math.toIntExact(size)).order(ByteOrder.LITTLE_ENDIAN);
    buffer.putInt(entries.size());
    for (Entry entry : entries) {
      buffer.putInt(entry.name.length).put(entry.name);
      if (entry.value == null) {
        buffer.putInt(NO_VALUE);
      } else {
        buffer.putInt(entry.value.length).put(entry.value);
      }
    }
    return buffer.array();
  }

  private static byte @Nullable [] take(ByteBuffer buffer, int length) {
    if (length < 0 || length > buffer.remaining()) {
      return null;
    }
    byte[] taken = new byte[length];
    buffer.get(taken);
    return taken;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private record Entry(byte[] name, byte @Nullable [] value) {}
}
