package dev.millrace.worker.dispatch;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The parked lanes of one trigger. A lane is parked behind a dead letter; when that has left the
 * store, its queue is drained in batches, and the first event of a batch that does not succeed ends
 * the batch: what comes behind it stays in the queue. Safe for any thread; of one lane, only its
 * head changes what is known.
 */
final class ParkedKeys {

  /** No batch runs. */
  private static final long NONE = 0;

  private final AtomicLong latest = new AtomicLong(NONE);
  private final Map<String, Long> batches = new ConcurrentHashMap<>();

  /**
   * @param lanes the lanes that are parked already
   */
  ParkedKeys(Iterable<String> lanes) {
    lanes.forEach(this::park);
  }

  boolean parked(Object lane) {
    return !batches.isEmpty() && batches.containsKey((String) lane);
  }

  /** The events of the lane queue from now on; a batch that runs ends. */
  void park(Object lane) {
    batches.put((String) lane, NONE);
  }

  void unpark(Object lane) {
    batches.remove((String) lane);
  }

  /** Begins a batch of a parked lane, in place of an earlier one. */
  long drain(Object lane) {
    long batch = latest.incrementAndGet();
    batches.computeIfPresent((String) lane, (name, earlier) -> batch);
    return batch;
  }

  /** Whether the batch has not ended. */
  boolean drains(Object lane, long batch) {
    return batches.getOrDefault((String) lane, NONE) == batch;
  }

  int size() {
    return batches.size();
  }
}
