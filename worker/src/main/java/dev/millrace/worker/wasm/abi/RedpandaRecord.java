package dev.millrace.worker.wasm.abi;

import dev.millrace.abi.Event;
import dev.millrace.abi.Header;
import dev.millrace.worker.wasm.host.GuestMemory;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A record as Redpanda's transforms read and write it: key, value, the number of headers, and name
 * and value of each; a length before each piece, -1 for none; numbers as zigzag varints.
 *
 * @param key {@code null} for none
 * @param headers in their order
 * @param value {@code null} for none
 */
record RedpandaRecord(byte @Nullable [] key, List<Header> headers, byte @Nullable [] value) {

  static RedpandaRecord of(Event event) {
    return new RedpandaRecord(event.key(), event.headers(), event.data());
  }

  byte[] encode() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    piece(out, key);
    piece(out, value);
    number(out, headers.size());
    for (Header header : headers) {
      piece(out, header.name().getBytes(StandardCharsets.UTF_8));
      piece(out, header.value());
    }
    return out.toByteArray();
  }

  /** Empty where the bytes are not a record, to their last byte. */
  static Optional<RedpandaRecord> decode(byte[] bytes) {
    Reader reader = new Reader(bytes);
    try {
      byte[] key = reader.piece();
      byte[] value = reader.piece();
      long count = reader.number();
      if (count < 0 || count > bytes.length) {
        return Optional.empty();
      }
      List<Header> headers = new ArrayList<>((int) count);
      for (int i = 0; i < count; i++) {
        byte[] name = reader.piece();
        String text = name == null ? null : GuestMemory.text(name);
        if (text == null) {
          return Optional.empty();
        }
        headers.add(new Header(text, reader.piece()));
      }
      return reader.atEnd()
          ? Optional.of(new RedpandaRecord(key, headers, value))
          : Optional.empty();
    } catch (MalformedException e) {
      return Optional.empty();
    }
  }

  /**
   * The topic in the options of {@code write_record_with_options}; {@code null} if they name none.
   * The only option that there is has the key 1.
   *
   * @throws MalformedException if the bytes are no options
   */
  static @Nullable String topic(byte[] options) throws MalformedException {
    if (options.length == 0) {
      return null;
    }
    Reader reader = new Reader(options);
    byte[] topic = reader.next() == 1 ? reader.piece() : null;
    String text = topic == null ? null : GuestMemory.text(topic);
    if (text == null || !reader.atEnd()) {
      throw new MalformedException();
    }
    return text;
  }

  private static void piece(ByteArrayOutputStream out, byte @Nullable [] bytes) {
    if (bytes == null) {
      number(out, -1);
    } else {
      number(out, bytes.length);
      out.writeBytes(bytes);
    }
  }

  private static void number(ByteArrayOutputStream out, long value) {
    long rest = (value << 1) ^ (value >> 63);
    while ((rest & ~0x7fL) != 0) {
      out.write((int) (rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    out.write((int) rest);
  }

  /** The bytes are not what they should be. */
  static final class MalformedException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedException() {
      super(null, null, false, false);
    }
  }

  private static final class Reader {
    private final byte[] bytes;
    private int position;

    Reader(byte[] bytes) {
      this.bytes = bytes;
    }

    boolean atEnd() {
      return position == bytes.length;
    }

    int next() throws MalformedException {
      if (atEnd()) {
        throw new MalformedException();
      }
      return bytes[position++] & 0xff;
    }

    long number() throws MalformedException {
      long value = 0;
      for (int shift = 0; shift < Long.SIZE; shift += 7) {
        int next = next();
        value |= (long) (next & 0x7f) << shift;
        if (next < 0x80) {
          return (value >>> 1) ^ -(value & 1);
        }
      }
      throw new MalformedException();
    }

    byte @Nullable [] piece() throws MalformedException {
      long length = number();
      if (length == -1) {
        return null;
      }
      if (length < 0 || length > bytes.length - position) {
        throw new MalformedException();
      }
      byte[] piece = new byte[(int) length];
      System.arraycopy(bytes, position, piece, 0, piece.length);
      position += piece.length;
      return piece;
    }
  }
}
