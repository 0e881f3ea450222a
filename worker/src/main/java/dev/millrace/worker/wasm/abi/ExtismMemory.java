package dev.millrace.worker.wasm.abi;

import com.dylibso.chicory.runtime.Memory;
import dev.millrace.worker.wasm.memory.MemoryBudget;
import java.util.Arrays;

/**
 * The memory that an Extism plugin and its host exchange data through: blocks of bytes at 64-bit
 * offsets, beside the plugin's own linear memory. Offset 0 is no block.
 *
 * <p>It behaves as Extism's own kernel does: blocks are laid out one behind the other; a freed one
 * is used again when no room is left behind the last; a block that is used for less is divided if
 * more than 128 bytes would be wasted. What is known of a block is kept outside the memory, where
 * no store of the plugin's reaches it.
 *
 * <p>Its pages count against {@code limits.memory}, together with the plugin's own. A block takes
 * 16 bytes beside its data, as much as is kept of it.
 *
 * <p>Confined to the thread that holds the slot.
 */
final class ExtismMemory {

  private static final int ROOT_BYTES = 72;
  private static final int BLOCK_BYTES = 16;
  private static final int SPLIT_BYTES = 128;
  private static final int MOST_BYTES = Integer.MAX_VALUE - Memory.PAGE_SIZE;
  private static final int SMALLEST_TABLE = 16;

  private final MemoryBudget budget;
  private byte[] bytes = new byte[0];

  /** Behind the last block. */
  private int position = ROOT_BYTES;

  /** Each block's data offset, size, and bytes in use, or -1 for a free block. */
  private int[] offsets = new int[SMALLEST_TABLE];

  private int[] sizes = new int[SMALLEST_TABLE];
  private int[] used = new int[SMALLEST_TABLE];
  private int count;

  ExtismMemory(MemoryBudget budget) {
    this.budget = budget;
  }

  /** Forgets all blocks and what was in them. */
  void reset() {
    Arrays.fill(bytes, 0, Math.min(position, bytes.length), (byte) 0);
    position = ROOT_BYTES;
    count = 0;
    if (bytes.length > Memory.PAGE_SIZE) {
      budget.release(bytes.length - Memory.PAGE_SIZE);
      bytes = new byte[Memory.PAGE_SIZE];
    }
    if (offsets.length > SMALLEST_TABLE) {
      resizeTables(SMALLEST_TABLE);
    }
  }

  /** A new block of zeros or of what a freed one held; 0 if there is no memory for it, or for 0. */
  long alloc(long length) {
    if (length == 0) {
      return 0;
    }
    if (length < 0 || length > MOST_BYTES - BLOCK_BYTES) {
      budget.reserve(Long.MAX_VALUE); // more than there can be: remembered as an excess
      return 0;
    }
    int needed = (int) length + BLOCK_BYTES;
    if (needed > bytes.length - position) {
      int free = needed <= position - ROOT_BYTES ? takeFree((int) length) : -1;
      if (free >= 0) {
        used[free] = (int) length;
        return offsets[free];
      }
      if (!grow(needed)) {
        return 0;
      }
    }
    int offset = position + BLOCK_BYTES;
    insert(count, offset, (int) length, (int) length);
    position = offset + (int) length;
    return offset;
  }

  /** A new block with a copy of some bytes; 0 if there is no memory for it, or for no bytes. */
  long store(byte[] data) {
    long offset = alloc(data.length);
    if (offset != 0) {
      System.arraycopy(data, 0, bytes, (int) offset, data.length);
    }
    return offset;
  }

  /** Makes a block available for others. Answers whether there was one. */
  boolean free(long offset) {
    int block = find(offset);
    if (block >= 0) {
      used[block] = -1;
    }
    return block >= 0;
  }

  /** The length of a block; 0 where none begins. */
  long length(long offset) {
    int block = find(offset);
    return block < 0 ? 0 : used[block];
  }

  /** Whether a block begins there. */
  boolean isBlock(long offset) {
    return find(offset) >= 0;
  }

  /** Whether a range lies in the memory. */
  boolean contains(long offset, long length) {
    return offset >= ROOT_BYTES && length >= 0 && length <= bytes.length - offset;
  }

  /** A copy of a range that is in the memory. */
  byte[] read(long offset, long length) {
    return Arrays.copyOfRange(bytes, (int) offset, (int) (offset + length));
  }

  /** A copy of a block. */
  byte[] read(long offset) {
    return read(offset, length(offset));
  }

  /** One byte; 0 outside the memory. */
  long loadByte(long offset) {
    return contains(offset, 1) ? bytes[(int) offset] & 0xff : 0;
  }

  /** Eight bytes, little-endian; 0 outside the memory. */
  long loadLong(long offset) {
    return contains(offset, Long.BYTES) ? LittleEndian.readLong(bytes, (int) offset) : 0;
  }

  /** Does nothing outside the memory. */
  void storeByte(long offset, long value) {
    if (contains(offset, 1)) {
      bytes[(int) offset] = (byte) value;
    }
  }

  /** Does nothing outside the memory. */
  void storeLong(long offset, long value) {
    if (contains(offset, Long.BYTES)) {
      LittleEndian.writeLong(bytes, (int) offset, value);
    }
  }

  /** The bytes that blocks have room in, used or not. */
  long size() {
    return (long) Math.max(bytes.length, Memory.PAGE_SIZE) - ROOT_BYTES;
  }

  /** The first free block that is large enough, divided if it is much larger; -1 if none is. */
  private int takeFree(int length) {
    for (int i = 0; i < count; i++) {
      if (used[i] >= 0 || sizes[i] < length) {
        continue;
      }
      int rest = sizes[i] - length - BLOCK_BYTES;
      if (sizes[i] - length < SPLIT_BYTES) {
        return i;
      }
      sizes[i] = rest;
      insert(i + 1, offsets[i] + rest + BLOCK_BYTES, length, -1);
      return i + 1;
    }
    return -1;
  }

  /** Makes room behind the last block; by half of what there is, if the budget allows. */
  private boolean grow(int needed) {
    long least = pages((long) position + needed) - bytes.length;
    long generous = Math.max(least, pages(bytes.length / 2L));
    long more = generous <= budget.maxBytes() - budget.reservedBytes() ? generous : least;
    if (bytes.length + more > MOST_BYTES || !budget.reserve(more)) {
      if (bytes.length + more > MOST_BYTES) {
        budget.reserve(Long.MAX_VALUE);
      }
      return false;
    }
    try {
      bytes = Arrays.copyOf(bytes, (int) (bytes.length + more));
    } catch (OutOfMemoryError e) {
      budget.release(more);
      throw e;
    }
    return true;
  }

  private static long pages(long size) {
    return (size + Memory.PAGE_SIZE - 1) / Memory.PAGE_SIZE * Memory.PAGE_SIZE;
  }

  private void insert(int at, int offset, int size, int inUse) {
    if (count == offsets.length) {
      resizeTables(2 * count);
    }
    System.arraycopy(offsets, at, offsets, at + 1, count - at);
    System.arraycopy(sizes, at, sizes, at + 1, count - at);
    System.arraycopy(used, at, used, at + 1, count - at);
    offsets[at] = offset;
    sizes[at] = size;
    used[at] = inUse;
    count++;
  }

  private void resizeTables(int length) {
    offsets = Arrays.copyOf(offsets, length);
    sizes = Arrays.copyOf(sizes, length);
    used = Arrays.copyOf(used, length);
  }

  /** The block in use whose data begins at an offset; negative if there is none. */
  private int find(long offset) {
    if (offset < ROOT_BYTES || offset > position) {
      return -1;
    }
    int block = Arrays.binarySearch(offsets, 0, count, (int) offset);
    return block >= 0 && used[block] >= 0 ? block : -1;
  }
}
