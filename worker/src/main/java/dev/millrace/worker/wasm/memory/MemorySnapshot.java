package dev.millrace.worker.wasm.memory;

import com.dylibso.chicory.runtime.Memory;
import java.util.Arrays;
import java.util.function.IntPredicate;

/**
 * The content of a memory at one moment. Immutable, so that slots can share it. Only the cards are
 * stored that are not all zeros: most of a guest's memory is a stack and a heap that it has not
 * used yet.
 */
public final class MemorySnapshot {

  /** The binary logarithm of the size of a card, the piece of memory that is stored or not. */
  static final int CARD_SHIFT = 12;

  static final int CARD_BYTES = 1 << CARD_SHIFT;
  private static final int ZEROS = -1;
  private static final byte[] ZERO_CARD = new byte[CARD_BYTES];

  private final int pages;

  /** Where each card begins in the content, or {@link #ZEROS}. Those beyond its end are zeros. */
  private final int[] places;

  private final byte[] content;

  private MemorySnapshot(int pages, int[] places, byte[] content) {
    this.pages = pages;
    this.places = places;
    this.content = content;
  }

  /** The snapshot of a memory that nobody has written to. */
  static MemorySnapshot zero(int pages) {
    return new MemorySnapshot(pages, new int[0], new byte[0]);
  }

  /**
   * Copies {@code bytes}, whose length is a multiple of the page size, and of which every card is
   * zero that is not {@code touched}.
   */
  static MemorySnapshot of(byte[] bytes, IntPredicate touched) {
    int[] places = new int[bytes.length >>> CARD_SHIFT];
    int cards = 0;
    int stored = 0;
    for (int card = 0; card < places.length; card++) {
      if (!touched.test(card) || isZero(bytes, card)) {
        places[card] = ZEROS;
      } else {
        places[card] = stored;
        stored += CARD_BYTES;
        cards = card + 1;
      }
    }
    byte[] content = new byte[stored];
    for (int card = 0; card < cards; card++) {
      if (places[card] != ZEROS) {
        System.arraycopy(bytes, card << CARD_SHIFT, content, places[card], CARD_BYTES);
      }
    }
    return new MemorySnapshot(
        bytes.length / Memory.PAGE_SIZE, Arrays.copyOf(places, cards), content);
  }

  int pages() {
    return pages;
  }

  /** The bytes that are stored. */
  int storedBytes() {
    return content.length;
  }

  /** Whether every byte is zero. */
  boolean isZero() {
    return content.length == 0;
  }

  /** Whether every byte of a card is zero. */
  boolean isZero(int card) {
    return card >= places.length || places[card] == ZEROS;
  }

  /**
   * Writes the bytes from {@code from} (inclusive) to {@code to} (exclusive) into the same place.
   */
  void restore(byte[] target, int from, int to) {
    int at = from;
    while (at < to) {
      int card = at >>> CARD_SHIFT;
      int length = Math.min(to - at, CARD_BYTES - (at & (CARD_BYTES - 1)));
      int place = card < places.length ? places[card] : ZEROS;
      if (place == ZEROS) {
        Arrays.fill(target, at, at + length, (byte) 0);
      } else {
        System.arraycopy(content, place + (at & (CARD_BYTES - 1)), target, at, length);
      }
      at += length;
    }
  }

  /** Whether it is a snapshot of these bytes, of which all is zero that is not touched. */
  boolean isOf(byte[] bytes, IntPredicate touched) {
    if (bytes.length != (long) pages * Memory.PAGE_SIZE) {
      return false;
    }
    for (int card = 0; card < bytes.length >>> CARD_SHIFT; card++) {
      boolean same = touched.test(card) ? isEqual(bytes, card) : isZero(card);
      if (!same) {
        return false;
      }
    }
    return true;
  }

  private boolean isEqual(byte[] bytes, int card) {
    if (isZero(card)) {
      return isZero(bytes, card);
    }
    int from = card << CARD_SHIFT;
    int place = places[card];
    return Arrays.equals(bytes, from, from + CARD_BYTES, content, place, place + CARD_BYTES);
  }

  private static boolean isZero(byte[] bytes, int card) {
    int from = card << CARD_SHIFT;
    return Arrays.equals(bytes, from, from + CARD_BYTES, ZERO_CARD, 0, CARD_BYTES);
  }
}
