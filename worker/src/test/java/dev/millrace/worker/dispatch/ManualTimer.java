package dev.millrace.worker.dispatch;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.PriorityQueue;

/** A timer and its clock, both moved by the test. */
final class ManualTimer implements Timer, InstantSource {

  private record Due(Instant at, long sequence, Runnable task) {}

  private final PriorityQueue<Due> due =
      new PriorityQueue<>(
          (a, b) ->
              a.at.equals(b.at) ? Long.compare(a.sequence, b.sequence) : a.at.compareTo(b.at));
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private long sequence;

  @Override
  public void after(Duration delay, Runnable task) {
    due.add(new Due(now.plus(delay), sequence++, task));
  }

  @Override
  public Instant instant() {
    return now;
  }

  boolean idle() {
    return due.isEmpty();
  }

  /** Moves the clock and runs what became due. */
  void advance(Duration duration) {
    Instant until = now.plus(duration);
    while (!due.isEmpty() && !due.peek().at.isAfter(until)) {
      runNext();
    }
    now = until;
  }

  /** Moves the clock to the next task and runs it. */
  void runNext() {
    Due next = due.remove();
    if (next.at.isAfter(now)) {
      now = next.at;
    }
    next.task.run();
  }
}
