package dev.millrace.triggers.redis;

import dev.millrace.abi.Event;
import dev.millrace.triggers.Order;
import dev.millrace.triggers.Trigger;
import dev.millrace.triggers.TriggerContext;
import dev.millrace.triggers.testing.FakeIntake;
import dev.millrace.triggers.testing.FakeSignals;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import redis.clients.jedis.BuilderFactory;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.CommandObject;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.params.XAddParams;

/** Stream triggers of tests, and looks at what Redis knows of their groups. */
final class Streams {

  static final String GROUP = "app.orders";

  /** So long that nothing is claimed while a test runs. */
  static final Duration NEVER = Duration.ofHours(1);

  static final StreamPace FAST =
      new StreamPace(
          Duration.ofMillis(200),
          Duration.ofMillis(1500),
          Duration.ofDays(1),
          Duration.ofMillis(200));

  private Streams() {}

  /** One replica: a trigger with an intake and signals of its own. */
  record Replica(Trigger trigger, FakeIntake intake, FakeSignals signals) implements AutoCloseable {

    static Replica start(RedisConnection connection, StreamOptions options) {
      return start(connection, options, FAST);
    }

    static Replica start(RedisConnection connection, StreamOptions options, StreamPace pace) {
      FakeIntake intake = FakeIntake.unbounded();
      FakeSignals signals = new FakeSignals();
      Trigger trigger =
          new StreamTriggerFactory(connection, options, Servers.FAST, pace)
              .create(new TriggerContext("orders", intake, signals, Clock.systemUTC()));
      trigger.start();
      return new Replica(trigger, intake, signals);
    }

    List<String> data() {
      return intake.events().stream().map(Streams::text).toList();
    }

    @Override
    public void close() {
      intake.settlingAll();
      trigger.close();
    }
  }

  static String text(Event event) {
    byte[] data = event.data();
    return data == null ? "" : new String(data, StandardCharsets.UTF_8);
  }

  static StreamOptions options(String stream, String consumer, Duration claimAfter) {
    return StreamOptions.of(stream, GROUP, consumer, claimAfter);
  }

  static StreamOptions trimming(StreamOptions options) {
    return new StreamOptions(
        options.streams(),
        options.keyShards(),
        options.group(),
        options.consumer(),
        options.start(),
        options.order(),
        options.keyField(),
        options.claimAfter(),
        options.batch(),
        StreamOptions.Trim.SETTLED);
  }

  static StreamOptions sharded(String stream, int shards, String consumer) {
    return new StreamOptions(
        List.of(stream),
        shards,
        GROUP,
        consumer,
        StreamOptions.Start.EARLIEST,
        Order.KEY,
        StreamOptions.DEFAULT_KEY_FIELD,
        NEVER,
        100,
        StreamOptions.Trim.NONE);
  }

  static String add(RedisClient client, String stream, String data) {
    return client.xadd(stream, Map.of("data", data), XAddParams.xAddParams()).toString();
  }

  /** How many entries are given to consumers and not acknowledged. */
  static long pending(RedisClient client, String stream) {
    return client.xpending(stream, GROUP).getTotal();
  }

  /** How many of them a consumer has. */
  static long pendingOf(RedisClient client, String stream, String consumer) {
    return client.xpending(stream, GROUP).getConsumerMessageCount().getOrDefault(consumer, 0L);
  }

  /** How often an entry was given to a consumer. */
  static long deliveries(RedisClient client, String stream, String id) {
    List<?> rows = Replies.list(command(client, Command.XPENDING, stream, GROUP, id, id, 1));
    return Replies.number(Replies.list(rows.getFirst()).get(3));
  }

  /** The names of the group's consumers. */
  static Set<String> consumers(RedisClient client, String stream) {
    Set<String> names = new HashSet<>();
    for (Object row : Replies.list(command(client, Command.XINFO, "CONSUMERS", stream, GROUP))) {
      names.add(Replies.text(Replies.map(row).get("name")));
    }
    return names;
  }

  /** Sends any command. */
  static Object command(RedisClient client, Command command, Object... arguments) {
    CommandArguments all = new CommandArguments(command);
    for (Object argument : arguments) {
      all.add(argument);
    }
    return client.executeCommand(new CommandObject<>(all, BuilderFactory.RAW_OBJECT));
  }

  static ConditionFactory await(String what) {
    return Awaitility.await(what).atMost(FakeIntake.PATIENCE);
  }
}
