package dev.millrace.worker.wasm;

/**
 * The bytes of linear memory that one instance may hold, shared by all its memories.
 *
 * <p>Confined to the thread that holds the instance's slot.
 */
final class MemoryBudget {

  private final long maxBytes;
  private long reservedBytes;
  private boolean exceeded;

  MemoryBudget(long maxBytes) {
    if (maxBytes < 0) {
      throw new IllegalArgumentException("maxBytes must be >= 0, is " + maxBytes);
    }
    this.maxBytes = maxBytes;
  }

  /** Takes {@code bytes}, at least 0, or takes nothing, notes the excess and answers false. */
  boolean reserve(long bytes) {
    if (bytes > maxBytes - reservedBytes) {
      exceeded = true;
      return false;
    }
    reservedBytes += bytes;
    return true;
  }

  /** Gives back what an earlier {@link #reserve} took. */
  void release(long bytes) {
    if (bytes > reservedBytes) {
      throw new IllegalArgumentException(
          "release of " + bytes + " bytes, but only " + reservedBytes + " are reserved");
    }
    reservedBytes -= bytes;
  }

  /** Whether a reservation was refused since {@link #clearExceeded}. */
  boolean exceeded() {
    return exceeded;
  }

  void clearExceeded() {
    exceeded = false;
  }

  long maxBytes() {
    return maxBytes;
  }

  long reservedBytes() {
    return reservedBytes;
  }
}
