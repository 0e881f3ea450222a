package dev.millrace.worker.admin;

import dev.millrace.triggers.TriggerSignals;
import java.time.Instant;

/** Signals that nobody hears. */
final class QuietSignals implements TriggerSignals {

  @Override
  public void connected(String detail) {}

  @Override
  public void disconnected(String reason) {}

  @Override
  public void gap(Instant from, Instant to, String reason) {}

  @Override
  public void dropped(long count, String reason) {}

  @Override
  public void dataLoss(String detail) {}

  @Override
  public void failed(String reason, Throwable cause) {}
}
