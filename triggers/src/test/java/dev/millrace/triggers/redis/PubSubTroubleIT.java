package dev.millrace.triggers.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.triggers.Trigger;
import dev.millrace.triggers.TriggerContext;
import dev.millrace.triggers.TriggerStatus.State;
import dev.millrace.triggers.local.LocalRedis;
import dev.millrace.triggers.testing.FakeIntake;
import dev.millrace.triggers.testing.FakeSignals;
import dev.millrace.triggers.testing.FaultProxy;
import dev.millrace.triggers.testing.MemoryJournal;
import dev.millrace.triggers.testing.RedisBroker;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.RedisClient;

/** Servers that die, lines that go dead, credentials that are wrong. */
class PubSubTroubleIT {

  private static final String CHANNEL = "orders";

  private final FakeIntake intake = FakeIntake.unbounded().settlingAll();
  private final FakeSignals signals = new FakeSignals();
  private final MemoryJournal journal = new MemoryJournal();
  private final LocalRedis redis =
      RedisBroker.killable(LocalRedis.Options.defaults().withPassword("pass word+%\"1"));

  @AfterEach
  void closeServer() {
    redis.close();
  }

  private Trigger trigger(RedisConnection connection) {
    return new PubSubTriggerFactory(
            connection, Servers.durableChannel(CHANNEL), journal, Servers.FAST)
        .create(new TriggerContext("orders", intake, signals, Clock.systemUTC()));
  }

  private static RedisConnection through(FaultProxy proxy, URI url) {
    return new RedisConnection(
        URI.create("redis://" + url.getRawUserInfo() + "@localhost:" + proxy.port()));
  }

  private static void await(List<?> list, int size) {
    Awaitility.await().atMost(FakeIntake.PATIENCE).until(() -> list.size() >= size);
  }

  private void publish(int count) {
    try (RedisClient client = Servers.client(Servers.to(redis))) {
      for (int i = 0; i < count; i++) {
        client.publish(CHANNEL, Integer.toString(i));
      }
    }
  }

  @Test
  void subscribesAgainAfterTheServerWasKilledAndReportsTheGap() {
    try (Trigger trigger = trigger(Servers.to(redis))) {
      trigger.start();
      await(signals.connections(), 1);
      publish(3);
      intake.awaitAccepted(3);

      redis.kill();
      await(signals.disconnections(), 1);
      Awaitility.await()
          .atMost(FakeIntake.PATIENCE)
          .until(() -> trigger.status().state() == State.CONNECTING);
      redis.restart();
      await(signals.connections(), 2);
      publish(3);

      intake.awaitAccepted(6);
      assertEquals(1, signals.gaps().size(), signals.gaps().toString());
      assertEquals(State.RUNNING, trigger.status().state());
      assertEquals(List.of(), signals.failures());
    }
  }

  @Test
  void noticesALineThatWentDeadAndConnectsAnew() {
    try (FaultProxy proxy = FaultProxy.before(redis.port());
        Trigger trigger = trigger(through(proxy, redis.url()))) {
      trigger.start();
      await(signals.connections(), 1);

      proxy.freeze();
      await(signals.connections(), 2);
      publish(1);

      intake.awaitAccepted(1);
      assertEquals(1, signals.gaps().size());
      assertTrue(signals.gaps().get(0).contains("does not answer"), signals.gaps().toString());
    }
  }

  @Test
  void connectsAnewAfterAReset() {
    try (FaultProxy proxy = FaultProxy.before(redis.port());
        Trigger trigger = trigger(through(proxy, redis.url()))) {
      trigger.start();
      await(signals.connections(), 1);

      proxy.reset();
      await(signals.connections(), 2);
      publish(1);

      intake.awaitAccepted(1);
      assertEquals(1, signals.gaps().size());
    }
  }

  @Test
  void keepsALineThatIsOnlySlow() {
    try (FaultProxy proxy = FaultProxy.before(redis.port());
        Trigger trigger = trigger(through(proxy, redis.url()))) {
      trigger.start();
      await(signals.connections(), 1);

      proxy.trickle(Duration.ofMillis(5));
      try (RedisClient client = Servers.client(Servers.to(redis))) {
        // Twice the silence limit for one message.
        client.publish(Servers.utf8(CHANNEL), new byte[600]);
      }

      intake.awaitAccepted(1);
      assertEquals(1, signals.connections().size());
      assertEquals(List.of(), signals.gaps());
    }
  }

  @Test
  void keepsALineOnWhichNothingIsPublished() {
    try (Trigger trigger = trigger(Servers.to(redis))) {
      trigger.start();
      await(signals.connections(), 1);

      Duration longerThanTheSilenceLimit = Servers.FAST.silence().plusMillis(500);
      Awaitility.await()
          .during(longerThanTheSilenceLimit)
          .atMost(FakeIntake.PATIENCE)
          .until(() -> signals.disconnections().isEmpty());
    }
  }

  @Test
  void reportsTheTimeBeforeTheFirstConnectionAsAGapToo() {
    redis.kill();
    try (Trigger trigger = trigger(Servers.to(redis))) {
      trigger.start();
      await(signals.disconnections(), 1);

      redis.restart();
      await(signals.connections(), 1);

      await(signals.gaps(), 1);
    }
  }

  @Test
  void saysThatThePasswordIsWrongAndGoesOnTrying() {
    RedisConnection wrong =
        new RedisConnection(URI.create("redis://:nonsense@localhost:" + redis.port()));
    try (Trigger trigger = trigger(wrong)) {
      trigger.start();
      await(signals.disconnections(), 1);

      String detail = trigger.status().detail();
      assertTrue(detail.contains("refuses the credentials"), detail);
      assertFalse((detail + signals.disconnections()).contains("nonsense"), detail);
      assertEquals(State.CONNECTING, trigger.status().state());
      assertEquals(List.of(), signals.failures());
    }
  }

  @Test
  void saysThatAPasswordIsMissing() {
    try (Trigger trigger = trigger(Servers.at(redis.port()))) {
      trigger.start();
      await(signals.disconnections(), 1);

      assertTrue(
          trigger.status().detail().contains("refuses the credentials"), trigger.status().detail());
    }
  }

  @Test
  void reportsAsAGapThatTheServerCutAReaderOff() {
    try (FaultProxy proxy = FaultProxy.before(redis.port());
        Trigger trigger = trigger(through(proxy, redis.url()));
        RedisClient client = Servers.client(Servers.to(redis))) {
      client.configSet("client-output-buffer-limit", "pubsub 1mb 1mb 1");
      trigger.start();
      await(signals.connections(), 1);

      proxy.delay(Duration.ofMillis(200));
      byte[] payload = new byte[64 << 10];
      while (signals.disconnections().isEmpty()) {
        client.publish(Servers.utf8(CHANNEL), payload);
      }
      await(signals.connections(), 2);

      await(signals.gaps(), 1);
      assertTrue(
          signals.gaps().get(0).contains("client-output-buffer-limit"), signals.gaps().toString());
    }
  }

  @Test
  void holdsWhatItReceivesWhileTheJournalFails() {
    try (Trigger trigger = trigger(Servers.to(redis))) {
      trigger.start();
      await(signals.connections(), 1);
      journal.setFailing(true);
      publish(5);
      Awaitility.await()
          .atMost(FakeIntake.PATIENCE)
          .until(() -> trigger.status().detail().contains("disk full"));
      assertEquals(0, intake.accepted().size());

      journal.setFailing(false);

      intake.awaitAccepted(5);
      Awaitility.await()
          .atMost(FakeIntake.PATIENCE)
          .until(() -> trigger.status().detail().isEmpty());
      assertEquals(0, signals.droppedCount());
    }
  }
}
