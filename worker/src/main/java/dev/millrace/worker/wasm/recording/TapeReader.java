package dev.millrace.worker.wasm.recording;

import dev.millrace.triggers.Recording;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads a {@link Recording.Tape} from its beginning to its end.
 *
 * <p>Confined to one thread.
 */
final class TapeReader {

  private final byte[] entries;
  private final long[] previous = new long[TapeWriter.ANSWER];
  private int position;

  TapeReader(Recording.Tape tape) {
    this.entries = tape.entries();
  }

  boolean atEnd() {
    return position >= entries.length;
  }

  /** What kind of entry comes next, one of the tags of {@link TapeWriter}; not at the end. */
  int tag() {
    return entries[position];
  }

  /** Takes a number of the kind that {@link #tag} said. */
  long number() {
    int tag = entries[position++];
    long zigzag = varint();
    previous[tag] += (zigzag >>> 1) ^ -(zigzag & 1);
    return previous[tag];
  }

  /** Which host call the next entry answered; {@link #tag} said that it is an answer. */
  String call() {
    int before = position++;
    String name = new String(bytes(varint()), StandardCharsets.UTF_8);
    position = before;
    return name;
  }

  /** Takes an answer. */
  byte @Nullable [] answer() {
    position++;
    bytes(varint());
    long length = varint();
    return length == 0 ? null : bytes(length - 1);
  }

  private long varint() {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      byte next = byteAt(position++);
      value |= (next & 0x7fL) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw damaged();
  }

  private byte[] bytes(long length) {
    if (length < 0 || length > entries.length - position) {
      throw damaged();
    }
    byte[] taken = Arrays.copyOfRange(entries, position, position + (int) length);
    position += (int) length;
    return taken;
  }

  private byte byteAt(int index) {
    if (index >= entries.length) {
      throw damaged();
    }
    return entries[index];
  }

  private static IllegalArgumentException damaged() {
    return new IllegalArgumentException("the recording's tape is damaged");
  }
}
