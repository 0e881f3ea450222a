package dev.millrace.triggers.kafka;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Knows which records of one assigned partition are finished, and from it what may be committed.
 *
 * <p>It keeps the open offsets and nothing else, in rising order: whatever lies between the lowest
 * open offset and the next one to be received, and is not open, is finished or was never there.
 * Offsets that compaction or transaction markers left out therefore need no care, and one record
 * that stays open for hours costs eight bytes, however many are finished behind it.
 *
 * <p>Confined to the poll thread.
 */
final class OffsetTracker {

  private static final int INITIAL_CAPACITY = 64;

  /** The open offsets, rising; a finished one among them is kept as its complement, negative. */
  private long[] offsets = new long[INITIAL_CAPACITY];

  private int first;
  private int end;
  private int open;
  private long next;
  private long revision;

  /** Finished before this assignment, not received in it yet; rising. */
  private final List<OffsetRange> restored;

  private int nextRestored;

  /**
   * A tracker for an assignment that begins at an offset.
   *
   * @param start the offset of the first record to be received, or of a gap before it
   * @param restored what an earlier assignment finished at or above it, rising and apart
   */
  OffsetTracker(long start, List<OffsetRange> restored) {
    this.next = start;
    this.restored = List.copyOf(restored);
  }

  OffsetTracker(long start) {
    this(start, List.of());
  }

  /**
   * Notes that a record was received.
   *
   * @param offset at least {@link #next()}
   * @return false if the record was finished before this assignment and is to be skipped
   * @throws IllegalArgumentException if the offset was passed already
   */
  boolean receive(long offset) {
    passTo(offset);
    next = offset + 1;
    if (wasFinishedBefore(offset)) {
      revision++;
      return false;
    }
    append(offset);
    open++;
    return true;
  }

  /**
   * Notes that no record comes below this offset any more.
   *
   * @throws IllegalArgumentException if the offset was passed already
   */
  void passTo(long offset) {
    if (offset < next) {
      throw new IllegalArgumentException("offset " + offset + " is below " + next);
    }
    if (offset > next) {
      next = offset;
      revision++;
    }
  }

  /**
   * Notes that a received record is finished.
   *
   * @return false if the record is not open
   */
  boolean finish(long offset) {
    int index = indexOf(offset);
    if (index < 0 || offsets[index] < 0) {
      return false;
    }
    offsets[index] = ~offset;
    open--;
    revision++;
    while (first < end && offsets[first] < 0) {
      first++;
    }
    return true;
  }

  /** The lowest open offset, or the next to be received when none is open: what to commit. */
  long lowestOpen() {
    return open == 0 ? next : offsets[first];
  }

  /** The offset after the last one received or passed. */
  long next() {
    return next;
  }

  /** How many received records are open. */
  int openCount() {
    return open;
  }

  /** How many offsets it has space for. */
  int capacity() {
    return offsets.length;
  }

  /** Changes whenever {@link #lowestOpen} or {@link #finishedAbove} may have changed. */
  long revision() {
    return revision;
  }

  /**
   * The finished offsets above the lowest open one, rising and apart.
   *
   * @param limit at most so many ranges, the lowest ones
   */
  List<OffsetRange> finishedAbove(int limit) {
    List<OffsetRange> ranges = new ArrayList<>();
    long from = lowestOpen();
    for (int i = first; i < end && ranges.size() < limit; i++) {
      if (offsets[i] >= 0) {
        addRange(ranges, from, offsets[i]);
        from = offsets[i] + 1;
      }
    }
    if (open > 0 && ranges.size() < limit) {
      addRange(ranges, from, next);
    }
    for (int i = nextRestored; i < restored.size() && ranges.size() < limit; i++) {
      OffsetRange range = restored.get(i);
      addRange(ranges, Math.max(range.first(), next), range.end());
    }
    return ranges;
  }

  private static void addRange(List<OffsetRange> ranges, long first, long end) {
    if (end <= first) {
      return;
    }
    OffsetRange last = ranges.isEmpty() ? null : ranges.get(ranges.size() - 1);
    if (last != null && last.end() == first) {
      ranges.set(ranges.size() - 1, new OffsetRange(last.first(), end));
    } else {
      ranges.add(new OffsetRange(first, end));
    }
  }

  private boolean wasFinishedBefore(long offset) {
    while (nextRestored < restored.size() && restored.get(nextRestored).end() <= offset) {
      nextRestored++;
    }
    return nextRestored < restored.size() && restored.get(nextRestored).first() <= offset;
  }

  private void append(long offset) {
    if (first == end) {
      first = 0;
      end = 0;
    }
    if (end == offsets.length) {
      makeRoom();
    }
    offsets[end++] = offset;
  }

  /** Forgets finished offsets; if half of the space is still taken then, doubles it. */
  private void makeRoom() {
    int kept = 0;
    for (int i = first; i < end; i++) {
      if (offsets[i] >= 0) {
        offsets[kept++] = offsets[i];
      }
    }
    first = 0;
    end = kept;
    if (kept > offsets.length / 2) {
      offsets = Arrays.copyOf(offsets, offsets.length * 2);
    }
  }

  private int indexOf(long offset) {
    int low = first;
    int high = end - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      long found = offsets[middle] < 0 ? ~offsets[middle] : offsets[middle];
      if (found == offset) {
        return middle;
      }
      if (found < offset) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return -1;
  }
}
