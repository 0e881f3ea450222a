package dev.millrace.worker.wasm.host;

import com.dylibso.chicory.runtime.Memory;
import dev.millrace.abi.GuestAbi;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The guest's memory as a host call sees it: every pointer and length is checked before use, and
 * one outside the memory ends the invocation with a sentence that names the import. Pointers and
 * lengths are unsigned 32-bit numbers; a length of zero touches nothing, whatever its pointer.
 *
 * <p>Confined to the thread that runs the guest.
 */
public final class GuestMemory {

  private @Nullable Memory memory;
  private String caller = "";

  /** Points this view at a guest's memory for one call. */
  public GuestMemory enter(@Nullable Memory memory, String caller) {
    this.memory = memory;
    this.caller = caller;
    return this;
  }

  /** Copies out of the guest's memory. */
  public byte[] read(int pointer, int length) {
    if (length == 0) {
      return new byte[0];
    }
    return inside(pointer, length).readBytes(pointer, length);
  }

  /** Copies UTF-8 text out of the guest's memory; {@code null} where the bytes are not UTF-8. */
  @Nullable String readText(int pointer, int length) {
    return text(read(pointer, length));
  }

  /** Reads an i32. */
  public int readInt(int pointer) {
    return inside(pointer, Integer.BYTES).readInt(pointer);
  }

  /** Reads an i64. */
  public long readLong(int pointer) {
    return inside(pointer, Long.BYTES).readLong(pointer);
  }

  /** Reads one byte. */
  public byte readByte(int pointer) {
    return inside(pointer, 1).read(pointer);
  }

  /** Reads two bytes. */
  public short readShort(int pointer) {
    return inside(pointer, Short.BYTES).readShort(pointer);
  }

  /** Copies into the guest's memory. */
  public void write(int pointer, byte[] source, int offset, int length) {
    if (length != 0) {
      inside(pointer, length).write(pointer, source, offset, length);
    }
  }

  /**
   * Copies what fits of a value, from an offset on.
   *
   * @return the size of the whole value; {@link GuestAbi#ABSENT} if there is none
   */
  int copy(int pointer, int capacity, int offset, byte @Nullable [] value) {
    check(pointer, capacity);
    if (value == null) {
      return GuestAbi.ABSENT;
    }
    long from = Integer.toUnsignedLong(offset);
    if (from < value.length) {
      write(pointer, value, (int) from, Math.min(capacity, value.length - (int) from));
    }
    return value.length;
  }

  /** Writes an i32. */
  public void writeInt(int pointer, int value) {
    inside(pointer, Integer.BYTES).writeI32(pointer, value);
  }

  /** Writes the lower two bytes of a value. */
  public void writeShort(int pointer, int value) {
    inside(pointer, Short.BYTES).writeShort(pointer, (short) value);
  }

  /** Writes an i64. */
  public void writeLong(int pointer, long value) {
    inside(pointer, Long.BYTES).writeLong(pointer, value);
  }

  /** Writes the lowest byte of a value. */
  public void writeByte(int pointer, int value) {
    inside(pointer, 1).writeByte(pointer, (byte) value);
  }

  /** Checks a range that the call may use later, so that a wild one is found on every path. */
  public void check(int pointer, int length) {
    if (length != 0) {
      inside(pointer, length);
    }
  }

  /** Checks an array of {@code count} items of {@code size} bytes. */
  public void checkArray(int pointer, int count, int size) {
    long bytes = Integer.toUnsignedLong(count) * size;
    if (bytes > Integer.MAX_VALUE) {
      throw outside(pointer, bytes);
    }
    check(pointer, (int) bytes);
  }

  /** UTF-8 text, or {@code null} where the bytes are not UTF-8. */
  public static @Nullable String text(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT)
          .decode(ByteBuffer.wrap(bytes))
          .toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  private Memory inside(int pointer, int length) {
    Memory present = memory;
    if (present == null || pointer < 0 || length < 0) {
      throw outside(pointer, Integer.toUnsignedLong(length));
    }
    long size = (long) present.pages() * Memory.PAGE_SIZE;
    if ((long) pointer + length > size) {
      throw outside(pointer, length);
    }
    return present;
  }

  private GuestStop.BrokenContract outside(int pointer, long length) {
    long size = memory == null ? 0 : (long) memory.pages() * Memory.PAGE_SIZE;
    return new GuestStop.BrokenContract(
        "called "
            + caller
            + " with pointer "
            + Integer.toUnsignedString(pointer)
            + " and length "
            + length
            + ", outside its memory of "
            + size
            + " bytes; check the arguments of that call");
  }
}
