package dev.millrace.abi;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads what {@link ByteSink} wrote, and believes nothing: every length is held against the bytes
 * that are left before anything is allocated. Confined to one call.
 */
final class ByteSource {

  private final byte[] bytes;
  private final int end;
  private int position;

  ByteSource(byte[] bytes, int end) {
    this(bytes, end, 0);
  }

  ByteSource(byte[] bytes, int end, int position) {
    this.bytes = bytes;
    this.end = end;
    this.position = position;
  }

  int u8() {
    return bytes[advance(1, "version")] & 0xff;
  }

  int i32(String field) {
    return ByteBuffer.wrap(bytes).getInt(advance(Integer.BYTES, field));
  }

  long i64(String field) {
    return ByteBuffer.wrap(bytes).getLong(advance(Long.BYTES, field));
  }

  /** A number of elements, each of which takes two bytes at least. */
  int count(String field) {
    int count = length(field);
    if (count > (end - position) / 2) {
      throw malformed(field, "counts " + count + " in " + (end - position) + " bytes");
    }
    return count;
  }

  String text(String field) {
    int length = length(field);
    return decode(advance(length, field), length, field);
  }

  Optional<String> optionalText(String field) {
    int length = length(field);
    return length == 0
        ? Optional.empty()
        : Optional.of(decode(advance(length - 1, field), length - 1, field));
  }

  byte @Nullable [] optionalBytes(String field) {
    int length = length(field);
    if (length == 0) {
      return null;
    }
    int from = advance(length - 1, field);
    return Arrays.copyOfRange(bytes, from, from + length - 1);
  }

  byte[] bytes(int length, String field) {
    if (length < 0) {
      throw malformed(field, "its length is out of range");
    }
    int from = advance(length, field);
    return Arrays.copyOfRange(bytes, from, from + length);
  }

  void requireEnd() {
    if (position != end) {
      throw malformed("data", (end - position) + " bytes follow it");
    }
  }

  private int length(String field) {
    long value = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      int next = bytes[advance(1, field)];
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        if (value > Integer.MAX_VALUE) {
          break;
        }
        return (int) value;
      }
    }
    throw malformed(field, "its length is out of range");
  }

  private int advance(int length, String field) {
    if (length > end - position) {
      throw malformed(field, "needs " + length + " bytes, " + (end - position) + " are left");
    }
    int from = position;
    position += length;
    return from;
  }

  private String decode(int from, int length, String field) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes, from, length))
          .toString();
    } catch (CharacterCodingException e) {
      throw new MalformedEventException(
          "encoded event is malformed: " + field + " is not UTF-8", e);
    }
  }

  private static MalformedEventException malformed(String field, String what) {
    return new MalformedEventException("encoded event is malformed: " + field + ": " + what);
  }
}
