package dev.millrace.worker.wasm;

import com.dylibso.chicory.runtime.Memory;
import java.util.Arrays;

/**
 * The content of a memory at one moment. Immutable, so that all slots of a version share one; the
 * zeros at its end are not stored.
 */
final class MemorySnapshot {

  private final int pages;
  private final byte[] content;

  private MemorySnapshot(int pages, byte[] content) {
    this.pages = pages;
    this.content = content;
  }

  /** The snapshot of a memory that nobody has written to. */
  static MemorySnapshot zero(int pages) {
    return new MemorySnapshot(pages, new byte[0]);
  }

  /** Copies {@code bytes}, whose length is a multiple of the page size. */
  static MemorySnapshot of(byte[] bytes) {
    int end = bytes.length;
    while (end > 0 && bytes[end - 1] == 0) {
      end--;
    }
    return new MemorySnapshot(bytes.length / Memory.PAGE_SIZE, Arrays.copyOf(bytes, end));
  }

  int pages() {
    return pages;
  }

  /** Whether every byte is zero. */
  boolean isZero() {
    return content.length == 0;
  }

  /**
   * Writes the bytes from {@code from} (inclusive) to {@code to} (exclusive) into the same place.
   */
  void restore(byte[] target, int from, int to) {
    int stored = Math.min(to, content.length);
    if (from < stored) {
      System.arraycopy(content, from, target, from, stored - from);
    }
    int zeros = Math.max(from, content.length);
    if (zeros < to) {
      Arrays.fill(target, zeros, to, (byte) 0);
    }
  }
}
