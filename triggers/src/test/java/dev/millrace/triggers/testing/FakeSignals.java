package dev.millrace.triggers.testing;

import dev.millrace.triggers.TriggerSignals;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/** Signals that are kept for a test to read. Safe for any thread. */
public final class FakeSignals implements TriggerSignals {

  private final List<String> connected = new CopyOnWriteArrayList<>();
  private final List<String> disconnected = new CopyOnWriteArrayList<>();
  private final List<String> gaps = new CopyOnWriteArrayList<>();
  private final List<String> losses = new CopyOnWriteArrayList<>();
  private final List<Throwable> failures = new CopyOnWriteArrayList<>();
  private final AtomicLong dropped = new AtomicLong();

  @Override
  public void connected(String detail) {
    connected.add(detail);
  }

  @Override
  public void disconnected(String reason) {
    disconnected.add(reason);
  }

  @Override
  public void gap(Instant from, Instant to, String reason) {
    gaps.add(reason);
  }

  @Override
  public void dropped(long count, String reason) {
    dropped.addAndGet(count);
  }

  @Override
  public void dataLoss(String detail) {
    losses.add(detail);
  }

  @Override
  public void failed(String reason, Throwable cause) {
    failures.add(new AssertionError(reason, cause));
  }

  /** The details of each {@link #connected(String)}. */
  public List<String> connections() {
    return connected;
  }

  /** The reasons of each {@link #disconnected(String)}. */
  public List<String> disconnections() {
    return disconnected;
  }

  /** The reasons of each gap. */
  public List<String> gaps() {
    return gaps;
  }

  /** The details of each loss of data. */
  public List<String> losses() {
    return losses;
  }

  /** The failures, each with its reason as message. */
  public List<Throwable> failures() {
    return failures;
  }

  /** How many events were dropped in all. */
  public long droppedCount() {
    return dropped.get();
  }
}
