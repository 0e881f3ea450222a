package dev.millrace.triggers.redis;

import dev.millrace.triggers.Trigger;
import dev.millrace.triggers.TriggerContext;
import dev.millrace.triggers.TriggerStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A trigger of one or more loops, each with a thread and a link of its own: {@code trigger-NAME},
 * or {@code trigger-NAME-0} and so on where there are several. It is running when all of them are
 * connected.
 */
final class LoopTrigger implements Trigger {

  private static final Logger LOG = LoggerFactory.getLogger(LoopTrigger.class);

  private final TriggerContext context;
  private final RedisConnection connection;
  private final String reads;
  private final List<IntakeWork> works;
  private final List<LinkLoop> loops = new ArrayList<>();
  private final PubSubStatus status;

  /** Why which loop is not connected. Guarded by itself. */
  private final Map<String, String> outages = new TreeMap<>();

  private volatile boolean started;

  /**
   * A trigger that is not started yet.
   *
   * @param reads what it reads, for a person
   */
  LoopTrigger(
      TriggerContext context,
      RedisConnection connection,
      LinkTimings timings,
      String reads,
      List<? extends IntakeWork> works) {
    this.context = context;
    this.connection = connection;
    this.reads = reads;
    this.works = List.copyOf(works);
    this.status = new PubSubStatus(context.clock());
    String threads = "trigger-" + context.name();
    for (int i = 0; i < works.size(); i++) {
      IntakeWork work = works.get(i);
      outages.put(work.key(), "connecting");
      String thread = works.size() == 1 ? threads : threads + "-" + i;
      loops.add(new LinkLoop(thread, connection, timings, work, new Watch()));
    }
  }

  @Override
  public String name() {
    return context.name();
  }

  @Override
  public void start() {
    started = true;
    status.started();
    loops.forEach(LinkLoop::start);
  }

  @Override
  public void pause() {
    works.forEach(work -> work.pause(true));
    status.paused(true);
  }

  @Override
  public void resume() {
    works.forEach(work -> work.pause(false));
    status.paused(false);
  }

  @Override
  public TriggerStatus status() {
    List<String> details =
        works.stream().map(IntakeWork::detail).filter(d -> !d.isEmpty()).toList();
    status.trouble(String.join("; ", details));
    TriggerStatus now = status.current();
    OptionalLong lag = OptionalLong.empty();
    for (IntakeWork work : works) {
      OptionalLong part = work.lag();
      if (part.isPresent()) {
        lag = OptionalLong.of(lag.orElse(0) + part.getAsLong());
      }
    }
    return new TriggerStatus(now.state(), now.detail(), now.since(), lag);
  }

  @Override
  public void close() {
    if (started) {
      loops.forEach(LinkLoop::beginClose);
      loops.forEach(LinkLoop::close);
    }
    status.closed();
  }

  /** What the loops tell. */
  private final class Watch implements LinkLoop.Listener {

    @Override
    public void connected(String key) {
      synchronized (outages) {
        outages.remove(key);
        if (!outages.isEmpty()) {
          status.disconnected(outages.values().iterator().next());
          return;
        }
        LOG.atInfo()
            .addKeyValue("trigger", name())
            .addKeyValue("redis", connection)
            .addKeyValue("reads", reads)
            .log("connected");
        context.signals().connected("reading " + reads + " at Redis " + connection.address());
        status.connected();
      }
    }

    @Override
    public void disconnected(String key, LinkFailure failure) {
      boolean news;
      synchronized (outages) {
        outages.put(key, failure.reason());
        news = status.disconnected(failure.reason());
      }
      if (news) {
        LOG.atWarn()
            .addKeyValue("trigger", name())
            .addKeyValue("key", key)
            .addKeyValue("reason", failure.reason())
            .log(
                "not connected; nothing is lost meanwhile, and what is settled is acknowledged later");
        context.signals().disconnected(failure.reason());
      }
    }

    @Override
    public void died(Throwable cause) {
      String reason = "a thread of the Redis trigger '" + name() + "' died";
      status.failed(reason + ": " + cause);
      context.signals().failed(reason, cause);
    }
  }
}
