package dev.millrace.triggers.redis;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.exceptions.JedisException;

/**
 * A thread with a link to the server of one key: opens it, lets its {@link Work} use it, and opens
 * another one when it breaks, for as long as the loop is open.
 */
final class LinkLoop {

  /** How long {@link #close} waits before it cuts a link that does not come to an end. */
  private static final Duration FAREWELL = Duration.ofSeconds(5);

  private final RedisConnection connection;
  private final LinkTimings timings;
  private final Work work;
  private final Listener listener;
  private final Thread thread;
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile @Nullable CommandLink link;

  /**
   * What is done over the link. Called on the loop's thread only. A {@link JedisException} from any
   * of these ends the link, and the next one is attached anew.
   */
  interface Work {

    /** The key whose server is wanted. */
    String key();

    /** A new link is there. */
    void attach(CommandLink link);

    /** Does what there is to do; waits for at most about half a second if there is nothing. */
    void step(CommandLink link);

    /** The loop is closed and the link still works: brings to an end what can be. */
    void detach(CommandLink link);

    /** Interrupts the waiting of {@link #step}, if it is no waiting for the server. Any thread. */
    void wake();
  }

  /** Learns what becomes of the link. Called on the loop's thread; must not block. */
  interface Listener {

    void connected(String key);

    void disconnected(String key, LinkFailure failure);

    /** The loop ended by a bug; it does not come back. */
    void died(Throwable cause);
  }

  LinkLoop(
      String threadName,
      RedisConnection connection,
      LinkTimings timings,
      Work work,
      Listener listener) {
    this.connection = connection;
    this.timings = timings;
    this.work = work;
    this.listener = listener;
    this.thread = new Thread(this::run, threadName);
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** Asks the loop to end. Returns at once. */
  void beginClose() {
    closing.countDown();
    work.wake();
  }

  /** Ends the loop. Blocks for some seconds at most, even if the server does not answer. */
  void close() {
    beginClose();
    boolean interrupted = Thread.interrupted();
    interrupted |= !ended(FAREWELL);
    CommandLink open = link;
    if (open != null && thread.isAlive()) {
      open.cut();
    }
    interrupted |= !ended(timings.connect().multipliedBy(3));
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits for the thread; false if the waiting was interrupted. */
  private boolean ended(Duration limit) {
    try {
      thread.join(limit);
      return true;
    } catch (InterruptedException e) {
      return false;
    }
  }

  private boolean isClosing() {
    return closing.getCount() == 0;
  }

  private void run() {
    try {
      supervise();
    } catch (Throwable e) {
      listener.died(e);
    }
  }

  private void supervise() throws InterruptedException {
    int failures = 0;
    while (!isClosing()) {
      try (CommandLink opened = CommandLink.open(connection, timings, work.key())) {
        link = opened;
        work.attach(opened);
        listener.connected(work.key());
        while (!isClosing()) {
          work.step(opened);
          failures = 0;
        }
        work.detach(opened);
      } catch (JedisException e) {
        failures++;
        LinkFailure failure = LinkFailure.of(connection, e);
        listener.disconnected(work.key(), failure);
        Duration pause =
            timings.retryAfter(failures, failure.refused(), ThreadLocalRandom.current());
        if (closing.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
          return;
        }
      } finally {
        link = null;
      }
    }
  }
}
