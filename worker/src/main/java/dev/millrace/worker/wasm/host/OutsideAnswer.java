package dev.millrace.worker.wasm.host;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What a host call answered that reached outside: the number that the guest gets, and what it can
 * read afterwards. Crosses a recording's tape as a big-endian i32 each for the number, for the
 * length of the headers and of the body (-1 for none), then both.
 *
 * @param result what the call returns
 * @param headers a header list in the form of {@link NameValues}; {@code null} if there are none
 * @param body a value, a response's body, or with a negative result the reason in UTF-8
 */
public record OutsideAnswer(int result, byte @Nullable [] headers, byte @Nullable [] body) {

  private static final int FIXED_BYTES = 3 * Integer.BYTES;
  private static final int NONE = -1;

  /** A number with nothing to read. */
  static OutsideAnswer of(int result) {
    return new OutsideAnswer(result, null, null);
  }

  /** A value to be read; the number is its size. */
  static OutsideAnswer value(byte[] value) {
    return new OutsideAnswer(value.length, null, value);
  }

  /** A negative number, and why. */
  static OutsideAnswer failed(int result, @Nullable String reason) {
    return new OutsideAnswer(result, null, String.valueOf(reason).getBytes(StandardCharsets.UTF_8));
  }

  byte[] encode() {
    ByteBuffer buffer = ByteBuffer.allocate(FIXED_BYTES + size(headers) + size(body));
    buffer.putInt(result);
    buffer.putInt(headers == null ? NONE : headers.length);
    buffer.putInt(body == null ? NONE : body.length);
    if (headers != null) {
      buffer.put(headers);
    }
    if (body != null) {
      buffer.put(body);
    }
    return buffer.array();
  }

  /** Reads what {@link #encode} wrote; {@code null} if it did not write this. */
  static @Nullable OutsideAnswer decode(byte @Nullable [] encoded) {
    if (encoded == null || encoded.length < FIXED_BYTES) {
      return null;
    }
    ByteBuffer buffer = ByteBuffer.wrap(encoded);
    int result = buffer.getInt();
    int headers = buffer.getInt();
    int body = buffer.getInt();
    if (headers < NONE
        || body < NONE
        || (long) Math.max(headers, 0) + Math.max(body, 0) != buffer.remaining()) {
      return null;
    }
    return new OutsideAnswer(result, take(buffer, headers), take(buffer, body));
  }

  private static byte @Nullable [] take(ByteBuffer buffer, int length) {
    if (length == NONE) {
      return null;
    }
    byte[] taken = new byte[length];
    buffer.get(taken);
    return taken;
  }

  private static int size(byte @Nullable [] bytes) {
    return bytes == null ? 0 : bytes.length;
  }
}
