package dev.millrace.worker.admin;

import dev.millrace.triggers.TriggerSignals;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.LongCounter;
import java.time.Instant;

/** Counts what one trigger signals, and passes it on. */
final class CountingSignals implements TriggerSignals {

  /**
   * The counters of all triggers.
   *
   * @param disconnects losses of the source
   * @param gaps times in which events may have passed unseen
   * @param dataLosses losses at the source itself
   */
  record Counters(LongCounter disconnects, LongCounter gaps, LongCounter dataLosses) {}

  private final TriggerSignals next;
  private final Counters counters;
  private final Attributes trigger;

  CountingSignals(String trigger, TriggerSignals next, Counters counters) {
    this.next = next;
    this.counters = counters;
    this.trigger = Attributes.of(Instrument.Labels.KEY_TRIGGER, trigger);
    // A series that starts at its first event hides that event from rate().
    counters.disconnects.add(0, this.trigger);
    counters.gaps.add(0, this.trigger);
    counters.dataLosses.add(0, this.trigger);
  }

  @Override
  public void connected(String detail) {
    next.connected(detail);
  }

  @Override
  public void disconnected(String reason) {
    counters.disconnects.add(1, trigger);
    next.disconnected(reason);
  }

  @Override
  public void gap(Instant from, Instant to, String reason) {
    counters.gaps.add(1, trigger);
    next.gap(from, to, reason);
  }

  @Override
  public void dropped(long count, String reason) {
    next.dropped(count, reason);
  }

  @Override
  public void dataLoss(String detail) {
    counters.dataLosses.add(1, trigger);
    next.dataLoss(detail);
  }

  @Override
  public void failed(String reason, Throwable cause) {
    next.failed(reason, cause);
  }
}
