package dev.millrace.worker.cores;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Looks again a moment after it was asked to, on a thread of its own, and then once every moment as
 * long as there is somebody to look for. Asking costs nothing while it is about to look.
 */
final class Watch implements AutoCloseable {

  private final BooleanSupplier look;
  private final AtomicBoolean asked = new AtomicBoolean();
  private final Thread thread;
  private volatile boolean closed;

  /**
   * @param look looks, and answers whether somebody still waits to be looked for
   */
  Watch(String name, BooleanSupplier look) {
    this.look = look;
    this.thread = Thread.ofPlatform().name(name).daemon().unstarted(this::run);
  }

  /** Begins. Called once. */
  void start() {
    thread.start();
  }

  /** Asks it to look soon. Does not block. */
  void ask() {
    if (!asked.get() && asked.compareAndSet(false, true)) {
      LockSupport.unpark(thread);
    }
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }

  private void run() {
    while (!closed) {
      if (!asked.get()) {
        LockSupport.park(this);
        continue;
      }
      LockSupport.parkNanos(this, Rota.LONG_NANOS);
      asked.set(false);
      if (look.getAsBoolean()) {
        asked.set(true);
      }
    }
  }
}
