package dev.millrace.triggers.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.triggers.Settlement;
import dev.millrace.triggers.Trigger;
import dev.millrace.triggers.TriggerContext;
import dev.millrace.triggers.TriggerStatus.State;
import dev.millrace.triggers.local.LocalRedis;
import dev.millrace.triggers.redis.Streams.Replica;
import dev.millrace.triggers.testing.FakeIntake;
import dev.millrace.triggers.testing.FakeSignals;
import dev.millrace.triggers.testing.MemoryJournal;
import dev.millrace.triggers.testing.RedisBroker;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.RedisClient;

/** The rights that the documentation names are enough. */
class RightsIT {

  private final LocalRedis redis = RedisBroker.killable(LocalRedis.Options.defaults());
  private final RedisClient client = Servers.client(Servers.to(redis));

  @AfterEach
  void close() {
    client.close();
    redis.close();
  }

  /** A user with what stands behind a word of the document, in backticks, and these keys. */
  private RedisConnection user(String document, String word, String... keysAndChannels)
      throws Exception {
    String text = Files.readString(Path.of("..", "docs", "triggers", document));
    Matcher rights = Pattern.compile("\\| " + Pattern.quote(word) + " \\| `([^`]*)`").matcher(text);
    if (!rights.find()) {
      throw new AssertionError(document + " names no rights for " + word);
    }
    List<Object> rule =
        new ArrayList<>(
            List.of("SETUSER", "app", "on", ">secret", "resetkeys", "resetchannels", "-@all"));
    rule.addAll(List.of(keysAndChannels));
    rule.addAll(List.of(rights.group(1).split(" ")));
    Streams.command(client, Command.ACL, rule.toArray());
    return new RedisConnection(URI.create("redis://app:secret@localhost:" + redis.port()));
  }

  private static void awaitHousekeeping(Replica replica) {
    Streams.await("it goes on")
        .during(Duration.ofSeconds(2))
        .until(
            () ->
                replica.trigger().status().state() == State.RUNNING
                    && replica.signals().disconnections().isEmpty());
  }

  @Test
  void ofStreams() throws Exception {
    RedisConnection connection =
        user("redis-streams.md", "a stream", "~orders", "~{orders}:millrace:*");
    StreamOptions options = Streams.options("orders", "one", Duration.ofSeconds(1));
    try (Replica one = Replica.start(connection, Streams.trimming(options))) {
      Streams.add(client, "orders", "a");
      one.intake().awaitAccepted(1);
      awaitHousekeeping(one);
      one.intake().settleHeld(Settlement.DONE);
      Streams.await("the acknowledgement").until(() -> Streams.pending(client, "orders") == 0);
    }
  }

  @Test
  void ofShards() throws Exception {
    RedisConnection connection =
        user("redis-streams.md", "with `key_shards`", "~orders:*", "~{orders:*");
    try (Replica one = Replica.start(connection, Streams.sharded("orders", 2, "one"))) {
      Streams.add(client, "orders:1", "a");
      one.intake().awaitAccepted(1);
      awaitHousekeeping(one);
      one.intake().settleHeld(Settlement.DONE);
      Streams.await("the acknowledgement").until(() -> Streams.pending(client, "orders:1") == 0);
    }
  }

  @Test
  void ofLists() throws Exception {
    RedisConnection connection = user("redis-lists.md", "a list", "~jobs", "~{jobs}:millrace:*");
    FakeIntake intake = FakeIntake.unbounded();
    FakeSignals signals = new FakeSignals();
    try (Trigger trigger =
        new ListTriggerFactory(
                connection,
                new ListOptions("jobs", "one", ListOptions.End.RIGHT, Duration.ofSeconds(1), 10),
                Servers.FAST)
            .create(new TriggerContext("jobs", intake, signals, Clock.systemUTC()))) {
      client.sadd(Beside.key("jobs", "consumers"), "dead");
      client.lpush(Beside.key("jobs", "processing:dead"), "left");
      trigger.start();
      client.lpush("jobs", "new");
      intake.awaitAccepted(2);
      intake.held().get(0).settle(Settlement.DONE);
      intake.held().get(0).settle(Settlement.RELEASED);
    }
    assertEquals(List.of(), signals.disconnections());
    assertEquals(1, client.llen("jobs"));
  }

  @Test
  void ofOneReplicaThatTakesTheMessages() throws Exception {
    RedisConnection connection =
        user("redis.md", "with `fanout: one`", "&news", "~millrace:fanout:*");
    FakeIntake intake = FakeIntake.unbounded().settlingAll();
    FakeSignals signals = new FakeSignals();
    try (Trigger trigger =
        new PubSubTriggerFactory(
                connection,
                Servers.volatileChannel("news").oneOf("app.news"),
                new MemoryJournal(),
                Servers.FAST,
                Duration.ofMillis(500))
            .create(new TriggerContext("news", intake, signals, Clock.systemUTC()))) {
      trigger.start();
      Streams.await("a leader")
          .until(
              () ->
                  trigger.status().state() == State.RUNNING && trigger.status().detail().isEmpty());
      client.publish("news", "x");
      intake.awaitAccepted(1);
    }
  }
}
