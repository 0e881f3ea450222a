package dev.millrace.worker.keeping;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One duty on a platform thread of its own, done once a period and when it is woken. What it throws
 * is said at WARN, and it is done again after the next period.
 */
final class Periodic implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Periodic.class);

  private final Duration period;
  private final Runnable duty;
  private final Semaphore wakeUps = new Semaphore(0);
  private final Thread thread;
  private volatile boolean closed;

  /**
   * @param name the thread's name
   * @param duty may block
   */
  Periodic(String name, Duration period, Runnable duty) {
    this.period = period;
    this.duty = duty;
    this.thread = Thread.ofPlatform().name(name).daemon().unstarted(this::loop);
  }

  void start() {
    thread.start();
  }

  /** Does the duty soon, without waiting for the end of the period. Safe for any thread. */
  void wake() {
    wakeUps.release();
  }

  private void loop() {
    while (!closed) {
      try {
        duty.run();
      } catch (RuntimeException e) {
        LOG.atWarn()
            .addKeyValue("duty", thread.getName())
            .addKeyValue("reason", String.valueOf(e.getMessage()))
            .log("not done; trying again");
      }
      try {
        if (wakeUps.tryAcquire(period.toNanos(), TimeUnit.NANOSECONDS)) {
          wakeUps.drainPermits();
        }
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /** Ends the thread. Blocks for at most five seconds. */
  @Override
  public void close() {
    closed = true;
    if (!thread.isAlive()) {
      return;
    }
    thread.interrupt();
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
