package dev.millrace.worker.wasm;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * The linear memory that all sandboxes of an engine hold, idle ones included. Beyond a soft bound
 * those that are idle are let go sooner, so that a thousand functions that are deployed at once do
 * not fill the heap with sandboxes that nobody needs yet. One that runs is never refused.
 *
 * <p>Safe for any number of threads.
 */
final class SandboxRoom {

  private static final long MOST_BYTES = 256L << 20;

  /** A small heap has small regions, of which a memory leaves the last one nearly empty. */
  private static final int SHARE_OF_HEAP = 8;

  private static final Duration SHORT = Duration.ofSeconds(1);
  private static final long SWEEP_EVERY_NANOS = Duration.ofMillis(100).toNanos();

  private final long softBytes;
  private final Consumer<Duration> letIdleGo;
  private final AtomicLong heldBytes = new AtomicLong();
  private final AtomicLong nextSweep = new AtomicLong(System.nanoTime());

  /**
   * @param softBytes the bound
   * @param letIdleGo lets go the sandboxes that have been idle for so long
   */
  SandboxRoom(long softBytes, Consumer<Duration> letIdleGo) {
    this.softBytes = softBytes;
    this.letIdleGo = letIdleGo;
  }

  /** The bound for this JVM: an eighth of its heap, at most 256 MiB. */
  static long usualBytes() {
    return Math.min(MOST_BYTES, Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP);
  }

  /** A sandbox was made. May let go others that are idle, on the calling thread. */
  void take(long bytes) {
    long held = heldBytes.addAndGet(bytes);
    if (held > 2 * softBytes) {
      letIdleGo.accept(Duration.ZERO);
    } else if (held > softBytes) {
      long now = System.nanoTime();
      long due = nextSweep.get();
      if (now - due >= 0 && nextSweep.compareAndSet(due, now + SWEEP_EVERY_NANOS)) {
        letIdleGo.accept(SHORT);
      }
    }
  }

  /** A sandbox is gone. */
  void giveBack(long bytes) {
    heldBytes.addAndGet(-bytes);
  }

  /** Whether more is held than the bound. */
  boolean scarce() {
    return heldBytes.get() > softBytes;
  }

  long heldBytes() {
    return heldBytes.get();
  }
}
