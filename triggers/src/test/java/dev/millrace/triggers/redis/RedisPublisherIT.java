package dev.millrace.triggers.redis;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.abi.Header;
import dev.millrace.abi.Message;
import dev.millrace.triggers.PublishException;
import dev.millrace.triggers.Trigger;
import dev.millrace.triggers.TriggerContext;
import dev.millrace.triggers.local.LocalRedis;
import dev.millrace.triggers.testing.FakeIntake;
import dev.millrace.triggers.testing.FakeSignals;
import dev.millrace.triggers.testing.FaultProxy;
import dev.millrace.triggers.testing.MemoryJournal;
import dev.millrace.triggers.testing.RedisBroker;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.RedisClient;

class RedisPublisherIT {

  private final RedisClient client = Servers.client(Servers.shared());
  private final RedisPublisher publisher =
      new RedisPublisher("cache", Servers.shared(), cause -> {});
  private final String stream = Servers.unique("charged");
  private final String toStream = "cache/stream:" + stream;

  @AfterEach
  void closeAll() {
    publisher.close();
    client.close();
  }

  private static void await(CompletionStage<Void> stage) throws Exception {
    stage.toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  private static PublishException failureOf(CompletionStage<Void> stage) {
    ExecutionException failure = assertThrows(ExecutionException.class, () -> await(stage));
    return assertInstanceOf(PublishException.class, failure.getCause());
  }

  @Test
  void addsAnEntryWithEveryByteOfTheMessage() throws Exception {
    byte[] data = {0, 1, (byte) 0xff, 13, 10};
    byte[] key = {(byte) 0x80, 0};
    List<Header> headers =
        List.of(
            new Header("trace", new byte[] {(byte) 0xfe, 1}),
            new Header("trace", Servers.utf8("again")),
            new Header("none", null),
            new Header("empty", new byte[0]));

    await(publisher.publish(List.of(new Message(toStream, key, headers, data))));

    StreamReader.Entry entry = StreamReader.entries(client, stream).get(0);
    assertEquals(List.of("data", "key", "h:trace", "h:trace", "h0:none", "h:empty"), entry.names());
    assertArrayEquals(data, entry.value(0));
    assertArrayEquals(key, entry.value(1));
    assertArrayEquals(new byte[] {(byte) 0xfe, 1}, entry.value(2));
    assertArrayEquals(Servers.utf8("again"), entry.value(3));
    assertEquals(0, entry.value(4).length);
    assertEquals(0, entry.value(5).length);
  }

  @Test
  void addsAnEntryEvenForAMessageOfNothing() throws Exception {
    await(publisher.publish(List.of(new Message(toStream, null, List.of(), null))));

    assertEquals(List.of("data"), StreamReader.entries(client, stream).get(0).names());
  }

  @Test
  void keepsTheOrderOfMessagesAndOfCalls() throws Exception {
    List<CompletionStage<Void>> stages = new ArrayList<>();
    for (int i = 0; i < 2_000; i += 2) {
      stages.add(
          publisher.publish(
              List.of(
                  Message.of(toStream, Servers.utf8("m" + i)),
                  Message.of(toStream, Servers.utf8("m" + (i + 1))))));
    }
    for (CompletionStage<Void> stage : stages) {
      await(stage);
    }

    List<StreamReader.Entry> entries = StreamReader.entries(client, stream);
    assertEquals(2_000, entries.size());
    for (int i = 0; i < 2_000; i++) {
      assertArrayEquals(Servers.utf8("m" + i), entries.get(i).value(0));
    }
  }

  @Test
  void publishesToAChannelWhoeverListens() throws Exception {
    String channel = Servers.unique("news");
    FakeIntake intake = FakeIntake.unbounded().settlingAll();
    FakeSignals signals = new FakeSignals();
    try (Trigger listener =
        new PubSubTriggerFactory(
                Servers.shared(), Servers.volatileChannel(channel), new MemoryJournal())
            .create(new TriggerContext("news", intake, signals, Clock.systemUTC()))) {
      listener.start();
      Awaitility.await().atMost(FakeIntake.PATIENCE).until(() -> !signals.connections().isEmpty());

      await(
          publisher.publish(
              List.of(
                  Message.of("cache/channel:" + channel, new byte[] {0, (byte) 0xff}),
                  Message.of("cache/channel:" + Servers.unique("nobody"), new byte[0]))));

      assertArrayEquals(new byte[] {0, (byte) 0xff}, intake.awaitAccepted(1).get(0).event().data());
    }
  }

  @Test
  void failsForGoodWhereTheDestinationCannotWork() {
    client.set(stream, "not a stream");

    PublishException wrongType =
        failureOf(publisher.publish(List.of(Message.of(toStream, new byte[0]))));
    PublishException wrongTarget =
        failureOf(publisher.publish(List.of(Message.of("cache/list:x", new byte[0]))));

    assertTrue(wrongType.permanent(), wrongType.getMessage());
    assertTrue(wrongType.getMessage().contains("WRONGTYPE"), wrongType.getMessage());
    assertTrue(wrongTarget.permanent());
    assertTrue(wrongTarget.getMessage().contains("write stream:NAME, sharded:NAME/N"));
  }

  @Test
  void waitsForAServerThatComesBackInTime() throws Exception {
    try (LocalRedis redis = RedisBroker.killable(LocalRedis.Options.defaults());
        RedisPublisher patient =
            new RedisPublisher(
                new CommandSender(
                    "cache",
                    Servers.to(redis),
                    Servers.FAST,
                    Duration.ofSeconds(60),
                    fresh -> {},
                    cause -> {}))) {
      redis.kill();
      CompletionStage<Void> waiting =
          patient.publish(List.of(Message.of(toStream, Servers.utf8("waiting"))));

      redis.restart();

      await(waiting);
      try (RedisClient after = Servers.client(Servers.to(redis))) {
        assertEquals(1, StreamReader.entries(after, stream).size());
      }
    }
  }

  @Test
  void doesNotLoseAMessageToALinkThatDiedWhileItWasIdle() throws Exception {
    try (LocalRedis redis = RedisBroker.killable(LocalRedis.Options.defaults());
        RedisPublisher patient =
            new RedisPublisher(
                new CommandSender(
                    "cache",
                    Servers.to(redis),
                    Servers.FAST,
                    Duration.ofSeconds(60),
                    fresh -> {},
                    cause -> {}))) {
      await(patient.publish(List.of(Message.of(toStream, new byte[0]))));
      redis.restart();
      Thread.sleep(SenderLinks.IDLE.toMillis() + 100);

      await(patient.publish(List.of(Message.of(toStream, new byte[0]))));
    }
  }

  @Test
  void failsWhatWaitsTooLongForAServerThatIsAway() {
    try (RedisPublisher impatient =
        new RedisPublisher(
            new CommandSender(
                "cache",
                Servers.at(1),
                Servers.FAST,
                Duration.ofMillis(300),
                fresh -> {},
                cause -> {}))) {
      PublishException failure =
          failureOf(impatient.publish(List.of(Message.of(toStream, new byte[0]))));

      assertFalse(failure.permanent());
      assertTrue(failure.getMessage().contains("cannot be reached"), failure.getMessage());
    }
  }

  @Test
  void refusesMoreThanItMayHoldInsteadOfWaiting() {
    List<CompletionStage<Void>> stages = new ArrayList<>();
    try (RedisPublisher away =
        new RedisPublisher(
            new CommandSender(
                "cache",
                Servers.at(1),
                Servers.FAST,
                Duration.ofMinutes(5),
                fresh -> {},
                cause -> {}))) {
      for (int i = 0; i < CommandSender.MAX_COMMANDS + 1_000; i++) {
        stages.add(away.publish(List.of(Message.of(toStream, new byte[0]))));
      }

      // not always the last one: the sender takes some into its hands each time it tries to connect
      PublishException refused =
          failureOf(
              stages.stream()
                  .filter(stage -> stage.toCompletableFuture().isCompletedExceptionally())
                  .findFirst()
                  .orElseThrow());
      assertTrue(refused.getMessage().contains("commands wait already"), refused.getMessage());
      assertFalse(stages.getFirst().toCompletableFuture().isDone());
    }
    PublishException closed = failureOf(stages.getFirst());
    assertTrue(closed.getMessage().contains("closed"), closed.getMessage());
  }

  @Test
  void saysThatAMessageMayHaveBeenSentWhenTheLineGoesDead() throws Exception {
    try (LocalRedis redis = RedisBroker.killable(LocalRedis.Options.defaults());
        FaultProxy proxy = FaultProxy.before(redis.port())) {
      LinkTimings quick =
          new LinkTimings(
              Duration.ofSeconds(1),
              Duration.ofSeconds(1),
              Duration.ofSeconds(2),
              Duration.ofMillis(50),
              Duration.ofMillis(100),
              Duration.ofMillis(100),
              Duration.ofMillis(100));
      try (RedisPublisher through =
          new RedisPublisher(
              new CommandSender(
                  "cache", Servers.at(proxy.port()), quick, fresh -> {}, cause -> {}))) {
        await(through.publish(List.of(Message.of(toStream, new byte[0]))));

        proxy.freeze();
        PublishException unsure =
            failureOf(through.publish(List.of(Message.of(toStream, new byte[0]))));
        await(through.publish(List.of(Message.of(toStream, new byte[0]))));

        assertTrue(unsure.getMessage().contains("sent, but not confirmed"), unsure.getMessage());
        assertFalse(unsure.permanent());
      }
    }
  }
}
