package dev.millrace.triggers.redis;

import dev.millrace.triggers.Journal;
import dev.millrace.triggers.Trigger;
import dev.millrace.triggers.TriggerContext;
import dev.millrace.triggers.TriggerStatus;
import dev.millrace.triggers.redis.Subscription.Frame;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Offers the messages of Redis channels.
 *
 * <p>Three threads: one reads the subscription and gives messages to the {@link MessageFlow}, never
 * waiting for anything but the server, one pings, and the trigger's own keeps the flow going. A
 * fourth one, where one replica is to take the messages, keeps the lease that says which.
 *
 * <p>Paused, it stays subscribed, because what Redis sends to nobody is gone: a durable trigger
 * goes on journaling, another one keeps what fits into its queue.
 */
final class PubSubTrigger implements Trigger {

  private static final Duration DROP_LOG_INTERVAL = Duration.ofSeconds(10);
  private static final Logger LOG = LoggerFactory.getLogger(PubSubTrigger.class);

  private static final String OVERFLOW = "overflow";
  private static final String SHUTDOWN = "shutdown";

  private final TriggerContext context;
  private final RedisConnection connection;
  private final PubSubOptions options;
  private final PubSubStatus status;
  private final Wakeup wakeup = new Wakeup();
  private final MessageFlow flow;
  private final SubscriptionReader reader;
  private final Thread pump;
  private final @Nullable OneReplica one;
  private final @Nullable LinkLoop election;
  private final String run = randomMark();
  private volatile boolean started;
  private volatile boolean closing;

  /** Confined to the reader thread. */
  private long received;

  /** The channel of the last message, and its name as a source. Confined to the reader thread. */
  private byte[] lastChannel = {};

  private String lastSource = SourceName.of(lastChannel);

  /** Confined to whoever takes messages, one thread at a time, as is the next one. */
  private long droppedUnsaid;

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
    this.flow = flow(context, options, journal, timings, wakeup);
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

  private static MessageFlow flow(
      TriggerContext context,
      PubSubOptions options,
      Journal journal,
      LinkTimings timings,
      Wakeup wakeup) {
    ReceiveQueue queue = new ReceiveQueue(options.queue(), options.overflow());
    if (!options.durable()) {
      return new LiveFlow(context.name(), context.intake(), options.order(), queue, wakeup);
    }
    JournaledBacklog backlog =
        new JournaledBacklog(
            context.name(), journal, queue, options.journal(), timings.journalRetry(), wakeup);
    return new DurableFlow(context.intake(), options.order(), queue, backlog, wakeup);
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
    flow.pause(true);
    status.paused(true);
  }

  @Override
  public void resume() {
    flow.pause(false);
    status.paused(false);
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
      flow.pause(true);
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
        flow.work();
        String trouble = flow.trouble();
        status.trouble(trouble.isEmpty() && one != null ? one.detail() : trouble);
        flow.rest();
      }
      flow.close(this::lostAtShutdown);
    } catch (Throwable e) {
      died(e);
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
    int dropped = flow.receive(event);
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
    public long patienceNanos() {
      return flow.patienceNanos();
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
