package dev.millrace.triggers.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.abi.Message;
import dev.millrace.triggers.Settlement;
import dev.millrace.triggers.Trigger;
import dev.millrace.triggers.TriggerContext;
import dev.millrace.triggers.redis.Streams.Replica;
import dev.millrace.triggers.testing.FakeIntake;
import dev.millrace.triggers.testing.FakeSignals;
import dev.millrace.triggers.testing.MemoryJournal;
import dev.millrace.triggers.testing.RedisProcess;
import java.net.URI;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.util.JedisClusterCRC16;

/** A cluster of three masters, as processes. */
class ClusterIT {

  private static final int SLOTS = 16_384;

  private static final List<RedisProcess> NODES = new ArrayList<>();
  private static RedisConnection connection = Servers.at(1);

  @BeforeAll
  static void start() {
    for (int i = 0; i < 3; i++) {
      NODES.add(RedisProcess.clusterNode());
    }
    for (int i = 0; i < 3; i++) {
      int node = i;
      Streams.await("node " + i).ignoreExceptions().until(() -> "PONG".equals(ask(node, "PING")));
      List<String> add = new ArrayList<>(List.of("ADDSLOTS"));
      for (int slot = i * SLOTS / 3; slot < (i + 1) * SLOTS / 3; slot++) {
        add.add(Integer.toString(slot));
      }
      cluster(i, add.toArray(String[]::new));
      cluster(i, "MEET", "127.0.0.1", Integer.toString(NODES.get(0).port()));
    }
    for (int i = 0; i < 3; i++) {
      int node = i;
      Streams.await("the cluster")
          .until(
              () ->
                  cluster(node, "INFO").contains("cluster_state:ok")
                      && cluster(node, "INFO").contains("cluster_known_nodes:3"));
    }
    connection =
        new RedisConnection(
            URI.create(
                "redis+cluster://localhost:1,localhost:"
                    + NODES.get(0).port()
                    + ",localhost:"
                    + NODES.get(1).port()));
  }

  @AfterAll
  static void stop() {
    NODES.forEach(RedisProcess::close);
  }

  private static String cluster(int node, String... arguments) {
    CommandArguments command = new CommandArguments(Command.CLUSTER);
    for (String argument : arguments) {
      command.add(argument);
    }
    return ask(node, command);
  }

  private static String ask(int node, String command) {
    return ask(node, new CommandArguments(Command.valueOf(command)));
  }

  private static String ask(int node, CommandArguments command) {
    HostAndPort server = new HostAndPort("localhost", NODES.get(node).port());
    try (CommandLink link =
        CommandLink.open(Servers.at(NODES.get(node).port()), Servers.FAST, server)) {
      Object answer = link.call(command);
      return answer instanceof byte[] ? Replies.text(answer) : String.valueOf(answer);
    }
  }

  /** Publishes until it is confirmed, as the worker does. */
  private static void publish(RedisPublisher publisher, Message... messages) throws Exception {
    long deadline = System.nanoTime() + FakeIntake.PATIENCE.toNanos();
    while (true) {
      try {
        publisher.publish(List.of(messages)).toCompletableFuture().get(60, TimeUnit.SECONDS);
        return;
      } catch (ExecutionException e) {
        if (System.nanoTime() > deadline) {
          throw e;
        }
        Thread.sleep(50);
      }
    }
  }

  private static Message message(String stream, int number) {
    return new Message(
        "cache/sharded:" + stream + "/6",
        Servers.utf8("key" + number),
        List.of(),
        Servers.utf8(Integer.toString(number)));
  }

  /** Fails if all streams are looked for at one server (tried: MOVED, for ever). */
  @Test
  void readsShardsThatAreOnAllServersAndPublishesToThem() throws Exception {
    String stream = Servers.unique("orders");
    try (Replica one = Replica.start(connection, Streams.sharded(stream, 6, "one"), Streams.FAST);
        RedisPublisher publisher = new RedisPublisher("cache", connection, cause -> {})) {
      Message[] messages = new Message[200];
      Set<HostAndPort> servers = new HashSet<>();
      SlotMap slots = ServerFinder.slots(connection, Servers.FAST);
      for (int i = 0; i < messages.length; i++) {
        messages[i] = message(stream, i);
        servers.add(slots.server(Shards.name(stream, Shards.of(Servers.utf8("key" + i), 6))));
      }
      assertTrue(servers.size() > 1, "the shards are on several servers");

      publish(publisher, messages);

      one.intake().awaitAccepted(200);
      assertEquals(200, new HashSet<>(one.data()).size());
      one.intake().settleHeld(Settlement.DONE);
    }
  }

  /** Fails if a redirection is taken for a refusal of the command (tried: it never goes on). */
  @Test
  void followsAStreamThatMovesToAnotherServer() throws Exception {
    String stream = "moving-" + Servers.unique("orders");
    int slot = JedisClusterCRC16.getSlot(stream);
    int from = ownerOf(slot);
    int to = (from + 1) % 3;
    try (Replica one =
            Replica.start(connection, Streams.options(stream, "one", Streams.NEVER), Streams.FAST);
        RedisPublisher publisher = new RedisPublisher("cache", connection, cause -> {})) {
      Message first = Message.of("cache/stream:" + stream, Servers.utf8("before"));
      publish(publisher, first);
      one.intake().awaitAccepted(1);

      move(stream, slot, from, to);
      publish(publisher, Message.of("cache/stream:" + stream, Servers.utf8("after")));

      one.intake().awaitAccepted(2);
      assertEquals(List.of("before", "after"), one.data());
      one.intake().settleHeld(Settlement.DONE);
      assertEquals(List.of(), one.signals().losses());
      assertEquals(List.of(), one.signals().failures());
    }
  }

  private static int ownerOf(int slot) {
    for (int i = 0; i < 3; i++) {
      if (slot < (i + 1) * SLOTS / 3) {
        return i;
      }
    }
    throw new IllegalArgumentException("no slot: " + slot);
  }

  private static void move(String key, int slot, int from, int to) {
    String target = cluster(to, "MYID");
    String source = cluster(from, "MYID");
    String number = Integer.toString(slot);
    cluster(to, "SETSLOT", number, "IMPORTING", source);
    cluster(from, "SETSLOT", number, "MIGRATING", target);
    ask(
        from,
        new CommandArguments(Command.MIGRATE)
            .add("127.0.0.1")
            .add(NODES.get(to).port())
            .add(key)
            .add(0)
            .add(5000));
    for (int i : new int[] {to, from, 3 - to - from}) {
      cluster(i, "SETSLOT", number, "NODE", target);
    }
  }

  @Test
  void takesListsAndChannelsAndElectsOneReplica() {
    String list = Servers.unique("jobs");
    String channel = Servers.unique("news");
    FakeIntake jobs = FakeIntake.unbounded().settlingAll();
    FakeIntake news = FakeIntake.unbounded().settlingAll();
    FakeSignals signals = new FakeSignals();
    Trigger ofList =
        new ListTriggerFactory(connection, ListOptions.of(list, "one"), Servers.FAST)
            .create(new TriggerContext("jobs", jobs, new FakeSignals(), Clock.systemUTC()));
    Trigger ofChannel =
        new PubSubTriggerFactory(
                connection,
                Servers.volatileChannel(channel).oneOf(channel),
                new MemoryJournal(),
                Servers.FAST)
            .create(new TriggerContext("news", news, signals, Clock.systemUTC()));
    try (ofList;
        ofChannel;
        CommandLink link = CommandLink.open(connection, Servers.FAST, list);
        RedisPublisher publisher = new RedisPublisher("cache", connection, cause -> {})) {
      ofList.start();
      ofChannel.start();
      link.call(new CommandArguments(Command.LPUSH).add(list).add("job"));
      Streams.await("a leader").until(() -> ofChannel.status().detail().isEmpty());
      Streams.await("subscription").until(() -> !signals.connections().isEmpty());
      publisher.publish(List.of(Message.of("cache/channel:" + channel, new byte[1])));

      jobs.awaitAccepted(1);
      news.awaitAccepted(1);
    }
  }

  @Test
  void saysWhatItWasToldWhereNobodyAnswers() {
    RedisConnection nobody =
        new RedisConnection(URI.create("redis+cluster://localhost:1,localhost:2"));
    try (Replica one =
        Replica.start(nobody, Streams.options("s", "one", Streams.NEVER), Streams.FAST)) {
      Streams.await("the reason")
          .until(() -> one.trigger().status().detail().contains("cluster localhost:1"));
    } catch (JedisException e) {
      throw new AssertionError("an unreachable source is never thrown", e);
    }
  }
}
