package dev.millrace.worker.store;

import java.time.Duration;

/**
 * How a store queues and commits.
 *
 * @param linger how long a commit waits for company while few writes are queued, at least zero;
 *     default 2 ms
 * @param busyTimeout how long to wait for another process's write, at least zero; default 5 s
 * @param maxQueuedWrites writes that may wait for a commit, at least 1; default 10,000
 * @param maxQueuedBytes bytes that may wait for a commit, at least 1; default 64 MiB. A single
 *     write larger than this is taken when nothing else waits
 * @param attemptHistory failed attempts that the history keeps, at least 1; default 10,000
 * @param lease of a store that several workers share: how long after a worker's last sign of life
 *     the others see to what it left, at least 1 s; default 15 s
 */
public record StoreOptions(
    Duration linger,
    Duration busyTimeout,
    int maxQueuedWrites,
    long maxQueuedBytes,
    int attemptHistory,
    Duration lease) {

  public static final StoreOptions DEFAULT =
      new StoreOptions(
          Duration.ofMillis(2),
          Duration.ofSeconds(5),
          10_000,
          64L << 20,
          10_000,
          Duration.ofSeconds(15));

  public StoreOptions {
    if (linger.isNegative() || busyTimeout.isNegative()) {
      throw new IllegalArgumentException("linger and busyTimeout must be >= 0");
    }
    if (maxQueuedWrites < 1 || maxQueuedBytes < 1 || attemptHistory < 1) {
      throw new IllegalArgumentException(
          "maxQueuedWrites, maxQueuedBytes and attemptHistory must be >= 1");
    }
    if (lease.compareTo(Duration.ofSeconds(1)) < 0) {
      throw new IllegalArgumentException("lease must be >= 1 s");
    }
  }

  /** The same with another linger. */
  public StoreOptions withLinger(Duration other) {
    return new StoreOptions(
        other, busyTimeout, maxQueuedWrites, maxQueuedBytes, attemptHistory, lease);
  }

  /** The same with another bound of the queue. */
  public StoreOptions withQueue(int writes, long bytes) {
    return new StoreOptions(linger, busyTimeout, writes, bytes, attemptHistory, lease);
  }

  /** The same with another wait for other processes. */
  public StoreOptions withBusyTimeout(Duration other) {
    return new StoreOptions(linger, other, maxQueuedWrites, maxQueuedBytes, attemptHistory, lease);
  }

  /** The same with another length of the attempt history. */
  public StoreOptions withAttemptHistory(int attempts) {
    return new StoreOptions(linger, busyTimeout, maxQueuedWrites, maxQueuedBytes, attempts, lease);
  }

  /** The same with another time until a silent worker counts as gone. */
  public StoreOptions withLease(Duration other) {
    return new StoreOptions(
        linger, busyTimeout, maxQueuedWrites, maxQueuedBytes, attemptHistory, other);
  }
}
