package dev.millrace.triggers.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.abi.Message;
import dev.millrace.triggers.Settlement;
import dev.millrace.triggers.Trigger;
import dev.millrace.triggers.TriggerContext;
import dev.millrace.triggers.local.LocalRedis;
import dev.millrace.triggers.redis.Streams.Replica;
import dev.millrace.triggers.testing.FakeIntake;
import dev.millrace.triggers.testing.FakeSignals;
import dev.millrace.triggers.testing.MemoryJournal;
import dev.millrace.triggers.testing.RedisBroker;
import dev.millrace.triggers.testing.RedisProcess;
import java.net.URI;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.RedisClient;

/** A master, a copy and a sentinel, as processes; the master dies. */
class SentinelIT {

  private static final String STREAM = "orders";

  private final LocalRedis master =
      RedisBroker.killable(LocalRedis.Options.defaults().withAppendOnly());
  private final LocalRedis copy =
      RedisBroker.killable(LocalRedis.Options.defaults().withAppendOnly());
  private final RedisProcess sentinel = RedisProcess.sentinel("mymaster", master.port());
  private final RedisConnection connection =
      new RedisConnection(
          URI.create("redis+sentinel://localhost:1,localhost:" + sentinel.port() + "/mymaster"));

  @BeforeEach
  void awaitReplication() {
    try (RedisClient client = Servers.client(Servers.to(copy))) {
      Streams.command(client, Command.REPLICAOF, "127.0.0.1", master.port());
      Streams.await("the copy").until(() -> client.info("replication").contains("link_status:up"));
    }
    try (RedisClient asked = Servers.client(Servers.at(sentinel.port()))) {
      Streams.await("the sentinel knows the copy")
          .ignoreExceptions()
          .until(() -> asked.info("sentinel").contains("slaves=1"));
    }
  }

  @AfterEach
  void close() {
    sentinel.close();
    copy.close();
    master.close();
  }

  /** Publishes until it is confirmed, as the worker does. */
  private static void publish(RedisPublisher publisher, String data) throws Exception {
    long deadline = System.nanoTime() + FakeIntake.PATIENCE.toNanos();
    while (true) {
      try {
        publisher
            .publish(List.of(Message.of("cache/stream:" + STREAM, Servers.utf8(data))))
            .toCompletableFuture()
            .get(60, TimeUnit.SECONDS);
        return;
      } catch (ExecutionException e) {
        if (System.nanoTime() > deadline) {
          throw e;
        }
        Thread.sleep(50);
      }
    }
  }

  /** Fails if the address is asked for once only (tried: nobody ever comes back). */
  @Test
  void goesOnWithTheNewMasterAfterAFailover() throws Exception {
    try (Replica one =
            Replica.start(connection, Streams.options(STREAM, "one", Streams.NEVER), Streams.FAST);
        RedisPublisher publisher = new RedisPublisher("cache", connection, cause -> {});
        RedisClient ofCopy = Servers.client(Servers.to(copy))) {
      for (int i = 0; i < 50; i++) {
        publish(publisher, Integer.toString(i));
      }
      one.intake().awaitAccepted(50);
      Streams.await("the copy has the group")
          .until(() -> ofCopy.exists(STREAM) && Streams.pending(ofCopy, STREAM) == 50);

      master.kill();
      for (int i = 50; i < 100; i++) {
        publish(publisher, Integer.toString(i));
      }

      Streams.await("all of them").until(() -> one.data().contains("99"));
      for (int i = 0; i < 100; i++) {
        assertTrue(one.data().contains(Integer.toString(i)), "entry " + i);
      }
      one.intake().settlingAll();
      one.intake().settleHeld(Settlement.DONE);
      Streams.await("all acknowledged")
          .ignoreExceptions() // the sentinel has cut the copy's clients off
          .until(() -> Streams.pending(ofCopy, STREAM) == 0);
      assertEquals(List.of(), one.signals().failures());
    }
  }

  @Test
  void subscribesAtTheNewMasterAfterAFailover() {
    FakeIntake intake = FakeIntake.unbounded().settlingAll();
    FakeSignals signals = new FakeSignals();
    try (Trigger trigger =
            new PubSubTriggerFactory(
                    connection, Servers.volatileChannel("news"), new MemoryJournal(), Servers.FAST)
                .create(new TriggerContext("orders", intake, signals, Clock.systemUTC()));
        RedisClient ofCopy = Servers.client(Servers.to(copy))) {
      trigger.start();
      Streams.await("subscription").until(() -> signals.connections().size() == 1);

      master.kill();
      Streams.await("subscription again").until(() -> signals.connections().size() == 2);
      ofCopy.publish("news", "after");

      intake.awaitAccepted(1);
      assertEquals(1, signals.gaps().size());
    }
  }

  @Test
  void saysWhichSentinelsSayWhat() {
    try (Replica one =
        Replica.start(
            new RedisConnection(
                URI.create(
                    "redis+sentinel://localhost:1,localhost:" + sentinel.port() + "/nobody")),
            Streams.options(STREAM, "one", Streams.NEVER),
            Streams.FAST)) {
      Streams.await("the reason")
          .until(() -> one.trigger().status().detail().contains("knows no master 'nobody'"));
      assertTrue(one.trigger().status().detail().contains("localhost:1: "));
    }
  }
}
