package dev.millrace.triggers.redis;

import dev.millrace.triggers.redis.Subscription.Frame;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Keeps a subscription alive: connects, reads, and connects again for as long as it is open.
 *
 * <p>Two threads: one connects and reads, and does nothing else with a message than hand it to the
 * {@link Listener}; the other pings. Both end after {@link #close}.
 */
final class SubscriptionReader {

  /** How long {@link #close} lets the server finish what it is sending. */
  private static final Duration FAREWELL = Duration.ofSeconds(2);

  /** Where there is more to read, so many messages are read until it looks again, at most. */
  private static final int MOST_UNLOOKED = 16;

  private final RedisConnection connection;
  private final LinkTimings timings;
  private final List<String> channels;
  private final List<String> patterns;

  /** With TLS nobody knows whether there is more, and a nap for each record would be too slow. */
  private final boolean naps;

  /** Messages read since it was looked whether there are more. Confined to the reader thread. */
  private int unlooked;

  /** After how many it is looked again, which asks the operating system. */
  private int lookAfter = 1;

  private final Listener listener;
  private final Clock clock;
  private final Thread reader;
  private final Thread pinger;
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile @Nullable Subscription link;

  /** Learns what happens. Called on the reader thread only; must not block. */
  interface Listener {
    /** A message came, at that time. */
    void received(Frame.Message message, Instant at);

    /**
     * For how many nanoseconds messages may gather in the socket when all is read; 0 if they are
     * wanted at once. To be woken for each message costs the reader and the server more than all
     * else that is done with it.
     */
    long patienceNanos();

    void connected();

    void disconnected(LinkFailure failure);

    /** Nothing was received between these instants, whatever was published. */
    void gap(Instant from, Instant to, String reason);

    /** The reader ended by a bug; it does not come back. */
    void died(Throwable cause);
  }

  SubscriptionReader(
      String threadName,
      RedisConnection connection,
      LinkTimings timings,
      PubSubOptions options,
      Listener listener,
      Clock clock) {
    this.connection = connection;
    this.timings = timings;
    this.channels = options.channels();
    this.patterns = options.patterns();
    this.naps = !connection.tls();
    this.listener = listener;
    this.clock = clock;
    this.reader = new Thread(this::read, threadName + "-reader");
    this.pinger = new Thread(this::ping, threadName + "-ping");
    reader.setDaemon(true);
    pinger.setDaemon(true);
  }

  void start() {
    reader.start();
    pinger.start();
  }

  /**
   * Asks the server to stop, takes what it still sends, and ends both threads. Blocks; a server
   * that does not answer is given two seconds, one that is being connected to {@link
   * LinkTimings#connect}.
   */
  void close() {
    closing.countDown();
    Subscription open = link;
    if (open != null) {
      try {
        open.unsubscribe();
      } catch (JedisException e) {
        open.cut();
      }
    }
    boolean interrupted = Thread.interrupted();
    interrupted |= !ended(reader, FAREWELL);
    open = link;
    if (open != null) {
      open.cut();
    }
    interrupted |= !ended(reader, timings.connect().multipliedBy(3));
    interrupted |= !ended(pinger, timings.connect());
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits for a thread; false if the waiting was interrupted. */
  private static boolean ended(Thread thread, Duration limit) {
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

  private void read() {
    try {
      supervise();
    } catch (Throwable e) {
      listener.died(e);
    }
  }

  private void supervise() throws InterruptedException {
    Outage outage = new Outage(clock.instant());
    while (!isClosing()) {
      try (Subscription opened = new Subscription(connection, timings, channels, patterns)) {
        link = opened;
        listen(opened, outage);
      } catch (JedisException e) {
        if (isClosing()) {
          return;
        }
        LinkFailure failure = LinkFailure.of(connection, e);
        outage.failed(failure);
        listener.disconnected(failure);
        Duration pause =
            timings.retryAfter(outage.failures, failure.refused(), ThreadLocalRandom.current());
        if (closing.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
          return;
        }
      } finally {
        link = null;
      }
    }
  }

  /** Reads until everything is unsubscribed, which only {@link #close} asks for, or throws. */
  private void listen(Subscription opened, Outage outage) {
    int awaited = opened.size();
    if (isClosing()) {
      return;
    }
    while (true) {
      Frame frame = opened.next();
      Instant now = clock.instant();
      outage.heard(now);
      switch (frame) {
        case Frame.Message message -> {
          listener.received(message, now);
          letGather(opened);
        }
        case Frame.Subscribed subscribed -> {
          awaited--;
          if (awaited == 0) {
            outage.ended(now, listener);
          }
        }
        case Frame.Unsubscribed unsubscribed -> {
          if (unsubscribed.left() == 0) {
            return;
          }
        }
        case Frame.Pong pong -> {}
      }
    }
  }

  /** Naps where everything is read and nobody is in a hurry. */
  private void letGather(Subscription opened) {
    unlooked++;
    if (!naps || unlooked < lookAfter) {
      return;
    }
    unlooked = 0;
    long patience = listener.patienceNanos();
    if (patience > 0 && opened.hasMore()) {
      lookAfter = Math.min(MOST_UNLOOKED, 2 * lookAfter);
      return;
    }
    lookAfter = 1;
    if (patience > 0) {
      LockSupport.parkNanos(patience);
    }
  }

  /** A server that is gone is the reader's affair: it sees the silence or the closed socket. */
  private void ping() {
    try {
      while (!closing.await(timings.ping().toMillis(), TimeUnit.MILLISECONDS)) {
        Subscription open = link;
        if (open != null) {
          try {
            open.pingServer();
          } catch (JedisException e) {
            open.cut();
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Throwable e) {
      listener.died(e);
    }
  }

  /**
   * The time in which nothing can be received: from the last sign of life to the moment when
   * everything is subscribed again. Confined to the reader thread.
   */
  private static final class Outage {
    private Instant lastHeard;
    private int failures;
    private String reason = "";

    Outage(Instant start) {
      lastHeard = start;
    }

    void heard(Instant now) {
      if (failures == 0) {
        lastHeard = now;
      }
    }

    void failed(LinkFailure failure) {
      if (failures == 0) {
        reason = failure.reason();
      }
      failures++;
    }

    void ended(Instant now, Listener listener) {
      listener.connected();
      if (failures > 0) {
        listener.gap(lastHeard, now, reason);
      }
      failures = 0;
      lastHeard = now;
    }
  }
}
