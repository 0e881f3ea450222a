package dev.millrace.worker.store;

import dev.millrace.worker.store.Write.Order;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the other workers of a shared store that this one is there: renews its row three times a
 * lease, on the thread {@code store-heartbeat}, by a write like any other. So a database that is
 * away is noticed by a worker that has nothing to write, and so is its return.
 *
 * <p>A worker that could not renew in time keeps its number. What the others took meanwhile is
 * theirs; the rest is its own again with the next renewal.
 */
final class Heartbeat {

  private static final Logger log = LoggerFactory.getLogger(Heartbeat.class);

  private static final String LEAVE = "DELETE FROM replica WHERE number = ?";

  private final GroupWriter writer;
  private final Replica replica;
  private final Duration lease;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final String renew;
  private final Thread thread;

  Heartbeat(GroupWriter writer, Replica replica, Duration lease) {
    this.writer = writer;
    this.replica = replica;
    this.lease = lease;
    this.renew =
        """
        INSERT INTO replica (number, name, alive_until) VALUES (?, ?, %s + ?)
        ON CONFLICT (number) DO UPDATE SET alive_until = excluded.alive_until"""
            .formatted(replica.now());
    this.thread = Thread.ofPlatform().name("store-heartbeat").daemon().unstarted(this::run);
  }

  /** Starts, where there is anybody to tell. */
  void start() {
    if (replica.shared()) {
      thread.start();
    }
  }

  /** Renews no more. */
  void stop() {
    stopped.countDown();
  }

  /** Stops and leaves, after what is queued: the others need not wait for the lease to end. */
  void end() {
    boolean first = stopped.getCount() > 0;
    stop();
    if (first && replica.shared()) {
      report(
          writer.submit(
              Write.of(
                  LEAVE, Order.KEPT, 100, statement -> statement.setLong(1, replica.number()))));
    }
  }

  private void run() {
    while (pause()) {
      report(writer.submit(renewal()));
    }
  }

  private Write<Void> renewal() {
    return Write.of(
        renew,
        Order.KEPT,
        100,
        statement -> {
          statement.setLong(1, replica.number());
          statement.setString(2, Replica.name());
          statement.setLong(3, micros(lease));
        });
  }

  /** Waits for the next renewal; false once there is none. */
  private boolean pause() {
    try {
      return !stopped.await(lease.toMillis() / 3, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      return false;
    }
  }

  private static long micros(Duration duration) {
    return duration.dividedBy(ChronoUnit.MICROS.getDuration());
  }

  /** A failed renewal is the store's trouble, which is reported as such; the next one is near. */
  private void report(CompletionStage<Void> write) {
    write.whenComplete(
        (done, failure) -> {
          if (failure != null) {
            log.atDebug()
                .addKeyValue("replica", replica.number())
                .addKeyValue("reason", String.valueOf(failure.getMessage()))
                .log("the store did not take a sign of life");
          }
        });
  }
}
