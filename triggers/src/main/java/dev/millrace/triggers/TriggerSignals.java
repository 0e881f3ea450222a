package dev.millrace.triggers;

import java.time.Instant;

/**
 * What a trigger tells the worker beside its events, for logs, metrics and the conservation ledger.
 * Methods never block and never throw; any thread.
 */
public interface TriggerSignals {

  /** The source was reached, for the first time or again. */
  void connected(String detail);

  /** The source is gone; the trigger goes on trying. */
  void disconnected(String reason);

  /** Between these instants events may have passed unseen, because the source keeps none for us. */
  void gap(Instant from, Instant to, String reason);

  /**
   * Events were received and given up before they were offered; each counts as received and
   * dropped.
   */
  void dropped(long count, String reason);

  /** The source itself lost events that it had promised to keep: a person must look. */
  void dataLoss(String detail);

  /**
   * The trigger cannot go on: a thread of it died or its configuration cannot work. The worker
   * stops.
   */
  void failed(String reason, Throwable cause);
}
