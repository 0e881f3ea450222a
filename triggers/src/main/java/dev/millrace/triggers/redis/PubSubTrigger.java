package dev.millrace.triggers.redis;

import dev.millrace.abi.Event;
import dev.millrace.triggers.Journal;
import dev.millrace.triggers.Order;
import dev.millrace.triggers.SettlementListener;
import dev.millrace.triggers.Trigger;
import dev.millrace.triggers.TriggerContext;
import dev.millrace.triggers.TriggerStatus;
import dev.millrace.triggers.redis.Subscription.Frame;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Offers the messages of Redis channels.
 *
 * <p>Three threads: one reads the subscription into the receive queue and never waits for anything
 * else, one pings, and the trigger's own moves messages through the {@link Backlog} to the intake
 * and learns their settlement. A fourth one, where one replica is to take the messages, keeps the
 * lease that says which.
 *
 * <p>Paused, it stays subscribed, because what Redis sends to nobody is gone: a durable trigger
 * goes on journaling, another one keeps what fits into its queue.
 */
final class PubSubTrigger implements Trigger {

  /** How often a full intake is asked again; a settlement wakes the trigger sooner. */
  private static final Duration FULL_WAIT = Duration.ofMillis(20);

  private static final Duration IDLE_WAIT = Duration.ofMillis(500);

  /**
   * How long messages are collected before the pump looks at them again, where they wait for the
   * journal or for room anyway: to be woken for each would cost more than all its work.
   */
  private static final Duration JOURNAL_NAP = Duration.ofMillis(2);

  private static final Duration FULL_NAP = Duration.ofNanos(500_000);

  /** So many events keep the workers busy over a nap. */
  private static final int MANY_RUNNING = 256;

  private static final Duration DROP_LOG_INTERVAL = Duration.ofSeconds(10);
  private static final Logger LOG = LoggerFactory.getLogger(PubSubTrigger.class);

  private static final String OVERFLOW = "overflow";
  private static final String SHUTDOWN = "shutdown";

  private final TriggerContext context;
  private final RedisConnection connection;
  private final PubSubOptions options;
  private final PubSubStatus status;
  private final ReceiveQueue queue;
  private final Wakeup wakeup = new Wakeup();
  private final Backlog backlog;
  private final SubscriptionReader reader;
  private final Thread pump;
  private final @Nullable OneReplica one;
  private final @Nullable LinkLoop election;
  private final Queue<Backlog.Settled> settlements = new ConcurrentLinkedQueue<>();
  private final String run = randomMark();
  private volatile boolean started;
  private volatile boolean paused;
  private volatile boolean closing;

  /** Confined to the reader thread. */
  private long received;

  /** The channel of the last message, and its name as a source. Confined to the reader thread. */
  private byte[] lastChannel = {};

  private String lastSource = SourceName.of(lastChannel);

  /** Confined to whoever takes messages, one thread at a time, as is the next one. */
  private long droppedUnsaid;

  /** Offered, taken and not settled yet. Confined to the pump, as is the next one. */
  private int running;

  /** Whether something was offered or settled since the pump last rested. */
  private boolean busy;

  private long droppedSaidAt = System.nanoTime() - DROP_LOG_INTERVAL.toNanos();

  PubSubTrigger(
      TriggerContext context,
      RedisConnection connection,
      PubSubOptions options,
      Journal journal,
      LinkTimings timings,
      Duration lease) {
    this.context = context;
    this.connection = connection;
    this.options = options;
    this.status = new PubSubStatus(context.clock());
    this.queue = new ReceiveQueue(options.queue(), options.overflow());
    this.backlog =
        options.durable()
            ? new JournaledBacklog(
                context.name(), journal, queue, options.journal(), timings.journalRetry(), wakeup)
            : new MemoryBacklog(context.name(), queue);
    String threads = "trigger-" + context.name();
    this.reader =
        new SubscriptionReader(threads, connection, timings, options, new Link(), context.clock());
    this.pump = new Thread(this::pump, threads);
    pump.setDaemon(true);
    if (options.oneOf().isPresent()) {
      OneReplica replica =
          new OneReplica(
              options.oneOf().get(), lease, timings.silence(), options.queue(), this::take);
      this.one = replica;
      this.election =
          new LinkLoop(threads + "-lease", connection, timings, replica, new Election());
    } else {
      this.one = null;
      this.election = null;
    }
  }

  private static String randomMark() {
    byte[] mark = new byte[8];
    new SecureRandom().nextBytes(mark);
    return HexFormat.of().formatHex(mark);
  }

  @Override
  public String name() {
    return context.name();
  }

  @Override
  public void start() {
    started = true;
    status.started();
    pump.start();
    reader.start();
    if (election != null) {
      election.start();
    }
  }

  @Override
  public void pause() {
    paused = true;
    status.paused(true);
  }

  @Override
  public void resume() {
    paused = false;
    status.paused(false);
    wakeup.signal();
  }

  @Override
  public TriggerStatus status() {
    return status.current();
  }

  @Override
  public void close() {
    if (started) {
      reader.close();
      if (election != null) {
        election.close(); // only now: until the next one leads, all others keep what they hear
      }
      closing = true;
      wakeup.signal();
      try {
        pump.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    status.closed();
  }

  private void pump() {
    try {
      wakeup.belongsToThisThread();
      while (!closing) {
        takeSettlements();
        backlog.advance();
        status.trouble(
            backlog.trouble().isEmpty() && one != null ? one.detail() : backlog.trouble());
        boolean full = offerWhileThereIsRoom();
        rest(full);
      }
      takeSettlements();
      backlog.close(this::lostAtShutdown);
    } catch (Throwable e) {
      died(e);
    }
  }

  private void rest(boolean full) {
    boolean nap = busy && (full ? running >= MANY_RUNNING : options.durable());
    busy = false;
    if (nap) {
      wakeup.nap(full ? FULL_NAP : JOURNAL_NAP);
    } else {
      wakeup.await(full || !backlog.trouble().isEmpty() ? FULL_WAIT : IDLE_WAIT);
    }
  }

  /** Returns whether a message waits that the intake does not take now. */
  private boolean offerWhileThereIsRoom() {
    while (!paused && !closing) {
      Backlog.Entry entry = backlog.next();
      if (entry == null) {
        backlog.advance();
        entry = backlog.next();
      }
      if (entry == null) {
        return false;
      }
      if (!offer(entry)) {
        return true;
      }
      running++;
      busy = true;
      backlog.taken();
    }
    return false;
  }

  private boolean offer(Backlog.Entry entry) {
    Event event = entry.event();
    SettlementListener listener =
        (settled, settlement) -> {
          settlements.add(new Backlog.Settled(entry, settlement));
          wakeup.hint();
        };
    return context.intake().offer(event, lane(event), listener);
  }

  /** The channel, exact as the source tells it; a message has no other key. */
  private @Nullable Object lane(Event event) {
    return options.order() == Order.NONE ? null : event.source();
  }

  private void takeSettlements() {
    List<Backlog.Settled> settled = new ArrayList<>();
    for (Backlog.Settled next = settlements.poll(); next != null; next = settlements.poll()) {
      settled.add(next);
    }
    if (!settled.isEmpty()) {
      running -= settled.size();
      busy = true;
      backlog.settled(settled);
    }
  }

  private void lostAtShutdown(long count) {
    if (count > 0) {
      context.signals().dropped(count, SHUTDOWN);
    }
  }

  private void died(Throwable cause) {
    String reason = "a thread of the Redis trigger '" + name() + "' died";
    status.failed(reason + ": " + cause);
    LOG.atError().addKeyValue("trigger", name()).setCause(cause).log(reason);
    context.signals().failed(reason, cause);
  }

  /** A message that is this replica's. */
  private void take(Received event) {
    int dropped = queue.add(event);
    wakeup.hint();
    if (dropped > 0) {
      context.signals().dropped(dropped, OVERFLOW);
      sayDropped(dropped);
    }
  }

  /** At most every ten seconds, since drops come by the thousand. */
  private void sayDropped(int count) {
    droppedUnsaid += count;
    long now = System.nanoTime();
    if (now - droppedSaidAt >= DROP_LOG_INTERVAL.toNanos()) {
      LOG.atWarn()
          .addKeyValue("trigger", name())
          .addKeyValue("dropped", droppedUnsaid)
          .addKeyValue("overflow", options.overflow())
          .log("messages come faster than they are taken; the queue is full and drops them");
      droppedUnsaid = 0;
      droppedSaidAt = now;
    }
  }

  private void hears(boolean now) {
    if (one != null) {
      one.hears(now);
    }
  }

  /** What the election's thread tells. */
  private final class Election implements LinkLoop.Listener {

    @Override
    public void connected(String key) {
      LOG.atDebug().addKeyValue("trigger", name()).log("takes part in the election");
    }

    @Override
    public void disconnected(String key, LinkFailure failure) {
      LOG.atWarn()
          .addKeyValue("trigger", name())
          .addKeyValue("reason", failure.reason())
          .log("cannot renew the lease: no message is taken until it is known who leads");
    }

    @Override
    public void died(Throwable cause) {
      PubSubTrigger.this.died(cause);
    }
  }

  /** What the reader thread tells. */
  private final class Link implements SubscriptionReader.Listener {

    /** Messages often come from the channel of the one before. */
    private String source(byte[] channel) {
      if (!Arrays.equals(channel, lastChannel)) {
        lastChannel = channel;
        lastSource = SourceName.of(channel);
      }
      return lastSource;
    }

    @Override
    public void received(Frame.Message message, Instant at) {
      Received event =
          new Received(
              message.channel(),
              source(message.channel()),
              message.byPattern() ? message.pattern() : null,
              message.data(),
              at,
              run,
              received++);
      if (one == null) {
        take(event);
      } else {
        one.received(event);
      }
    }

    @Override
    public void connected() {
      hears(true);
      LOG.atInfo()
          .addKeyValue("trigger", name())
          .addKeyValue("redis", connection)
          .addKeyValue("channels", options.channels())
          .addKeyValue("patterns", options.patterns())
          .log("subscribed");
      context.signals().connected("subscribed at Redis " + connection.address());
      status.connected();
    }

    @Override
    public void disconnected(LinkFailure failure) {
      hears(false);
      if (status.disconnected(failure.reason())) {
        LOG.atWarn()
            .addKeyValue("trigger", name())
            .addKeyValue("reason", failure.reason())
            .log("not subscribed, and what is published now is missed; trying on");
        context.signals().disconnected(failure.reason());
      }
    }

    @Override
    public void gap(Instant from, Instant to, String reason) {
      LOG.atWarn()
          .addKeyValue("trigger", name())
          .addKeyValue("from", from)
          .addKeyValue("to", to)
          .addKeyValue("reason", reason)
          .log("messages published in this time were missed: Redis keeps none for a subscriber");
      context.signals().gap(from, to, reason);
    }

    @Override
    public void died(Throwable cause) {
      PubSubTrigger.this.died(cause);
    }
  }
}
