package dev.millrace.triggers.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class OffsetTrackerTest {

  private static final int NO_LIMIT = Integer.MAX_VALUE;

  @Test
  void startsWhereTheAssignmentStarts() {
    OffsetTracker tracker = new OffsetTracker(40);

    assertEquals(40, tracker.lowestOpen());
    assertEquals(40, tracker.next());
    assertEquals(List.of(), tracker.finishedAbove(NO_LIMIT));
  }

  @Test
  void commitsUpToTheFirstOpenOffset() {
    OffsetTracker tracker = received(0, 5);

    tracker.finish(0);
    tracker.finish(1);
    tracker.finish(3);

    assertEquals(2, tracker.lowestOpen());
    assertEquals(List.of(new OffsetRange(3, 4)), tracker.finishedAbove(NO_LIMIT));
    assertEquals(2, tracker.openCount());
  }

  @Test
  void commitsToTheEndWhenNothingIsOpen() {
    OffsetTracker tracker = received(7, 9);

    tracker.finish(8);
    tracker.finish(7);

    assertEquals(9, tracker.lowestOpen());
    assertEquals(List.of(), tracker.finishedAbove(NO_LIMIT));
  }

  @Test
  void takesOffsetsThatNeverComeForFinished() {
    OffsetTracker tracker = new OffsetTracker(0);

    tracker.receive(10);
    tracker.receive(1_000_000_000_000L);
    tracker.passTo(1_000_000_000_005L);

    assertEquals(10, tracker.lowestOpen());
    assertEquals(
        List.of(
            new OffsetRange(11, 1_000_000_000_000L),
            new OffsetRange(1_000_000_000_001L, 1_000_000_000_005L)),
        tracker.finishedAbove(NO_LIMIT));
    tracker.finish(10);
    tracker.finish(1_000_000_000_000L);
    assertEquals(1_000_000_000_005L, tracker.lowestOpen());
  }

  @Test
  void finishesAnOffsetOnceAndOnlyIfItIsOpen() {
    OffsetTracker tracker = received(0, 3);

    assertTrue(tracker.finish(1));
    assertFalse(tracker.finish(1));
    assertFalse(tracker.finish(17));
    assertEquals(2, tracker.openCount());
  }

  @Test
  void skipsWhatWasFinishedBeforeAndKeepsItInTheFinishedSet() {
    OffsetTracker tracker =
        new OffsetTracker(5, List.of(new OffsetRange(6, 8), new OffsetRange(9, 12)));

    assertTrue(tracker.receive(5));
    assertFalse(tracker.receive(6));
    assertEquals(
        List.of(new OffsetRange(6, 8), new OffsetRange(9, 12)), tracker.finishedAbove(NO_LIMIT));
    assertFalse(tracker.receive(7));
    assertTrue(tracker.receive(8));
    assertFalse(tracker.receive(11));
    assertTrue(tracker.receive(12));
    assertEquals(3, tracker.openCount());
    assertEquals(
        List.of(new OffsetRange(6, 8), new OffsetRange(9, 12)), tracker.finishedAbove(NO_LIMIT));
  }

  @Test
  void refusesAnOffsetThatWasPassed() {
    OffsetTracker tracker = received(0, 3);

    assertThrows(IllegalArgumentException.class, () -> tracker.receive(2));
    assertThrows(IllegalArgumentException.class, () -> tracker.passTo(1));
  }

  @Test
  void hasNewsOnlyWhenTheCommitWouldChange() {
    OffsetTracker tracker = received(0, 2);
    long before = tracker.revision();

    tracker.receive(2);
    assertEquals(before, tracker.revision(), "an open record changes nothing to commit");
    tracker.finish(1);
    assertNotEquals(before, tracker.revision());
  }

  @Test
  void limitsTheRangesToTheLowestOnes() {
    OffsetTracker tracker = received(0, 100);
    for (int offset = 1; offset < 100; offset += 2) {
      tracker.finish(offset);
    }

    assertEquals(List.of(new OffsetRange(1, 2), new OffsetRange(3, 4)), tracker.finishedAbove(2));
  }

  @Test
  void staysSmallBehindARecordThatIsNeverFinished() {
    OffsetTracker tracker = received(0, 1);

    for (long offset = 1; offset < 2_000_000; offset++) {
      tracker.receive(offset);
      tracker.finish(offset);
    }

    assertEquals(0, tracker.lowestOpen());
    assertEquals(List.of(new OffsetRange(1, 2_000_000)), tracker.finishedAbove(NO_LIMIT));
    assertTrue(tracker.capacity() <= 128, "capacity " + tracker.capacity());
  }

  @Test
  void agreesWithAPlainModel() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int history = 0; history < 60; history++) {
      compareWithModel(random, "seed " + seed + ", history " + history);
    }
  }

  private static void compareWithModel(Random random, String name) {
    long start = random.nextInt(50);
    TreeSet<Long> finishedBefore = new TreeSet<>();
    for (long offset = start; offset < start + 60; offset++) {
      if (random.nextInt(4) == 0) {
        finishedBefore.add(offset);
      }
    }
    OffsetTracker tracker = new OffsetTracker(start, ranges(finishedBefore));
    TreeSet<Long> open = new TreeSet<>();
    long next = start;
    for (int step = 0; step < 200; step++) {
      if (random.nextInt(3) > 0 || open.isEmpty()) {
        long offset = next + (random.nextInt(5) == 0 ? random.nextInt(4) : 0);
        boolean expected = !finishedBefore.contains(offset);
        assertEquals(expected, tracker.receive(offset), name);
        if (expected) {
          open.add(offset);
        }
        next = offset + 1;
      } else {
        List<Long> choice = new ArrayList<>(open);
        long offset = choice.get(random.nextInt(choice.size()));
        assertTrue(tracker.finish(offset), name);
        open.remove(offset);
      }
      assertAgrees(tracker, open, finishedBefore, next, name);
    }
  }

  private static void assertAgrees(
      OffsetTracker tracker,
      NavigableSet<Long> open,
      NavigableSet<Long> finishedBefore,
      long next,
      String name) {
    long lowest = open.isEmpty() ? next : open.first();
    TreeSet<Long> finished = new TreeSet<>(finishedBefore.tailSet(next));
    for (long offset = lowest; offset < next; offset++) {
      if (!open.contains(offset)) {
        finished.add(offset);
      }
    }
    assertEquals(lowest, tracker.lowestOpen(), name);
    assertEquals(open.size(), tracker.openCount(), name);
    assertEquals(ranges(finished), tracker.finishedAbove(NO_LIMIT), name);
  }

  static List<OffsetRange> ranges(NavigableSet<Long> offsets) {
    List<OffsetRange> ranges = new ArrayList<>();
    for (long offset : offsets) {
      OffsetRange last = ranges.isEmpty() ? null : ranges.get(ranges.size() - 1);
      if (last != null && last.end() == offset) {
        ranges.set(ranges.size() - 1, new OffsetRange(last.first(), offset + 1));
      } else {
        ranges.add(new OffsetRange(offset, offset + 1));
      }
    }
    return ranges;
  }

  private static OffsetTracker received(long first, long end) {
    OffsetTracker tracker = new OffsetTracker(first);
    for (long offset = first; offset < end; offset++) {
      tracker.receive(offset);
    }
    return tracker;
  }
}
