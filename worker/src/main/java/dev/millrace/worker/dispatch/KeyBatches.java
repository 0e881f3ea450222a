package dev.millrace.worker.dispatch;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The batches in which the queues of one trigger's parked lanes are drained. The first event of a
 * batch that does not succeed ends the batch: what comes behind it stays in the queue. Safe for any
 * thread; of one lane, only its head and who begins its batches change what is known.
 */
final class KeyBatches {

  /** No batch runs. */
  static final long NONE = 0;

  private final AtomicLong latest = new AtomicLong(NONE);
  private final Map<Object, Long> batches = new ConcurrentHashMap<>();

  /** Begins a batch of a lane, in place of an earlier one. */
  long begin(Object lane) {
    long batch = latest.incrementAndGet();
    batches.put(lane, batch);
    return batch;
  }

  /** Ends the batch of a lane, if one runs. */
  void end(Object lane) {
    batches.remove(lane);
  }

  /** Whether the batch has not ended. */
  boolean runs(Object lane, long batch) {
    return batches.getOrDefault(lane, NONE) == batch;
  }
}
