package dev.millrace.worker.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PaceTest {

  private static final long MILLISECOND = 1_000_000;

  private final ManualTime time = new ManualTime();

  @Test
  void latencyCountsFromWhenACallWasDueSoThatAStallShowsInAllThatWaited() {
    Pace pace = new Pace(time, 5 * MILLISECOND, 1000);

    List<Long> latencies = new ArrayList<>();
    for (long due = pace.next(); due != Long.MIN_VALUE; due = pace.next()) {
      time.now += latencies.isEmpty() ? 3 * MILLISECOND : 0;
      latencies.add(pace.since(due) / MILLISECOND);
    }

    assertEquals(List.of(3L, 2L, 1L, 0L, 0L), latencies);
  }

  @Test
  void withoutARateACallIsDueWhenItIsMade() {
    Pace pace = new Pace(time, 5 * MILLISECOND, 0);

    int calls = 0;
    for (long due = pace.next(); due != Long.MIN_VALUE; due = pace.next()) {
      time.now += 2 * MILLISECOND;
      assertEquals(2 * MILLISECOND, pace.since(due));
      calls++;
    }

    assertEquals(3, calls);
  }

  private static final class ManualTime implements Pace.Time {
    private long now = -7;

    @Override
    public long nanos() {
      return now;
    }

    @Override
    public void sleepUntil(long nanos) {
      now = Math.max(now, nanos);
    }
  }
}
