package dev.millrace.worker.wasm.memory;

/**
 * The bytes of linear memory that one instance may hold, shared by all its memories.
 *
 * <p>Confined to the thread that holds the instance's slot.
 */
public final class MemoryBudget {

  private final long maxBytes;
  private long reservedBytes;
  private boolean exceeded;

  /** A budget of which nothing is reserved yet; {@code maxBytes} is at least 0. */
  public MemoryBudget(long maxBytes) {
    if (maxBytes < 0) {
      throw new IllegalArgumentException("maxBytes must be >= 0, is " + maxBytes);
    }
    this.maxBytes = maxBytes;
  }

  /** Takes {@code bytes}, at least 0, or takes nothing, notes the excess and answers false. */
  public boolean reserve(long bytes) {
    if (bytes > maxBytes - reservedBytes) {
      exceeded = true;
      return false;
    }
    reservedBytes += bytes;
    return true;
  }

  /** Gives back what an earlier {@link #reserve} took. */
  public void release(long bytes) {
    if (bytes > reservedBytes) {
      throw new IllegalArgumentException(
          "release of " + bytes + " bytes, but only " + reservedBytes + " are reserved");
    }
    reservedBytes -= bytes;
  }

  /** Whether a reservation was refused since {@link #clearExceeded}. */
  public boolean exceeded() {
    return exceeded;
  }

  /** Forgets that a reservation was refused. */
  public void clearExceeded() {
    exceeded = false;
  }

  /** What all reservations together may come to. */
  public long maxBytes() {
    return maxBytes;
  }

  /** What they come to now. */
  public long reservedBytes() {
    return reservedBytes;
  }
}
