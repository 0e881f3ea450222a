package dev.millrace.triggers.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.triggers.Trigger;
import dev.millrace.triggers.TriggerContext;
import dev.millrace.triggers.testing.FakeIntake;
import dev.millrace.triggers.testing.FakeSignals;
import dev.millrace.triggers.testing.FaultProxy;
import dev.millrace.triggers.testing.MemoryJournal;
import dev.millrace.triggers.testing.RedisBroker;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.RedisClient;

/** One replica of several takes the messages of a channel. */
class FanoutIT {

  private static final Duration LEASE = Duration.ofMillis(1500);

  private final String channel = Servers.unique("orders");
  private final RedisClient client = Servers.client(Servers.shared());
  private final List<Trigger> triggers = new ArrayList<>();
  private int published;

  @AfterEach
  void close() {
    triggers.forEach(Trigger::close);
    client.close();
  }

  private FakeIntake replica(RedisConnection connection) {
    FakeIntake intake = FakeIntake.unbounded().settlingAll();
    FakeSignals signals = new FakeSignals();
    Trigger trigger =
        new PubSubTriggerFactory(
                connection,
                Servers.durableChannel(channel).oneOf("app." + channel),
                new MemoryJournal(),
                Servers.FAST,
                LEASE)
            .create(new TriggerContext("orders", intake, signals, Clock.systemUTC()));
    triggers.add(trigger);
    trigger.start();
    Streams.await("subscription").until(() -> !signals.connections().isEmpty());
    return intake;
  }

  private void awaitLeader(int index) {
    Streams.await("a leader").until(() -> triggers.get(index).status().detail().isEmpty());
  }

  private void publish(int count) {
    for (int i = 0; i < count; i++) {
      client.publish(channel, Integer.toString(published++));
    }
  }

  private static List<String> data(FakeIntake intake) {
    return intake.events().stream().map(Streams::text).toList();
  }

  /** Fails if everybody takes what it hears (tried: each message runs twice). */
  @Test
  void takesEachMessageOnce() {
    FakeIntake first = replica(Servers.shared());
    awaitLeader(0);
    FakeIntake second = replica(Servers.shared());

    publish(300);

    first.awaitAccepted(300);
    Streams.await("and no more")
        .during(LEASE)
        .until(() -> first.accepted().size() == 300 && second.accepted().isEmpty());
    assertTrue(triggers.get(1).status().detail().contains("stands by"));
  }

  /** Messages of a start before anybody leads are kept. */
  @Test
  void missesNothingOnAnOrderlyChange() {
    FakeIntake first = replica(Servers.shared());
    awaitLeader(0);
    FakeIntake second = replica(Servers.shared());
    publish(50);
    first.awaitAccepted(50);

    triggers.get(0).close();
    publish(50);
    awaitLeader(1);
    publish(50);

    Streams.await("all of them").until(() -> all(first, second).size() == 150);
  }

  /**
   * The leader falls silent. Fails if those who stand by keep nothing (tried: what was published in
   * the meantime is missing).
   */
  @Test
  void missesNothingWhenTheLeaderFallsSilent() {
    try (FaultProxy proxy = FaultProxy.before(RedisBroker.url().getPort())) {
      FakeIntake first = replica(Servers.at(proxy.port()));
      awaitLeader(0);
      FakeIntake second = replica(Servers.shared());
      publish(50);
      first.awaitAccepted(50);

      proxy.refuse(true);
      proxy.freeze();
      publish(50);
      awaitLeader(1);
      publish(50);

      Streams.await("all of them").until(() -> all(first, second).size() == 150);
      List<String> ofSecond = data(second);
      assertEquals(
          ofSecond.stream().map(Integer::valueOf).sorted().map(String::valueOf).toList(),
          ofSecond,
          "in the order in which they were heard");
      proxy.reset();
    }
  }

  private static Set<String> all(FakeIntake first, FakeIntake second) {
    Set<String> all = new HashSet<>(data(first));
    all.addAll(data(second));
    return all;
  }
}
