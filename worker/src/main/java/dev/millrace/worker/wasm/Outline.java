package dev.millrace.worker.wasm;

import java.io.ByteArrayOutputStream;

/**
 * A module without the instructions of its functions: each body is one {@code unreachable}, which
 * fits any function type. That is all that an instance of a compiled module needs, and takes a
 * small part of the time and the memory that parsing and validating the instructions takes.
 *
 * <p>Sections are as in the WebAssembly Core Specification 2.0, section 5.5.
 */
final class Outline {

  private static final int HEADER_BYTES = 8;
  private static final int CODE_SECTION = 10;

  /** A body of three bytes: no locals, {@code unreachable}, {@code end}. */
  private static final byte[] BODY = {3, 0, 0x00, 0x0B};

  private final byte[] bytes;
  private int at;

  private Outline(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * The outline of a module, which was parsed before.
   *
   * @throws RuntimeException if it is no module; nothing else is checked
   */
  static byte[] of(byte[] module) {
    return new Outline(module).write();
  }

  private byte[] write() {
    ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length / 2);
    out.write(bytes, 0, HEADER_BYTES);
    at = HEADER_BYTES;
    while (at < bytes.length) {
      int start = at;
      int id = bytes[at++];
      int size = number();
      int end = at + size;
      if (id == CODE_SECTION) {
        bodies(out, number());
      } else {
        out.write(bytes, start, end - start);
      }
      at = end;
    }
    return out.toByteArray();
  }

  private static void bodies(ByteArrayOutputStream out, int count) {
    ByteArrayOutputStream section = new ByteArrayOutputStream();
    number(section, count);
    for (int i = 0; i < count; i++) {
      section.writeBytes(BODY);
    }
    out.write(CODE_SECTION);
    number(out, section.size());
    out.writeBytes(section.toByteArray());
  }

  /** Reads an unsigned LEB128. */
  private int number() {
    int value = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = bytes[at++];
      value |= (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
  }

  private static void number(ByteArrayOutputStream out, int value) {
    int rest = value;
    while (rest >= 0x80) {
      out.write((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    out.write(rest);
  }
}
