package dev.millrace.triggers.redis;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.abi.Event;
import dev.millrace.triggers.Order;
import dev.millrace.triggers.Settlement;
import dev.millrace.triggers.Trigger;
import dev.millrace.triggers.TriggerContext;
import dev.millrace.triggers.testing.FakeIntake;
import dev.millrace.triggers.testing.FakeSignals;
import dev.millrace.triggers.testing.MemoryJournal;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.RedisClient;

/** What reaches the intake of what is published. */
class PubSubMessagesIT {

  private final String prefix = Servers.unique("cache");
  private final RedisClient client = Servers.client(Servers.shared());
  private final FakeIntake intake = FakeIntake.unbounded().settlingAll();
  private final FakeSignals signals = new FakeSignals();
  private final List<Trigger> triggers = new ArrayList<>();

  @AfterEach
  void closeAll() {
    triggers.forEach(Trigger::close);
    client.close();
  }

  private Trigger running(PubSubOptions options) {
    Trigger trigger =
        new PubSubTriggerFactory(Servers.shared(), options, new MemoryJournal(), Servers.FAST)
            .create(new TriggerContext("invalidate", intake, signals, Clock.systemUTC()));
    triggers.add(trigger);
    trigger.start();
    await().atMost(FakeIntake.PATIENCE).until(() -> !signals.connections().isEmpty());
    return trigger;
  }

  private PubSubOptions options(List<String> channels, List<String> patterns, Order order) {
    return new PubSubOptions(
        channels,
        patterns,
        true,
        order,
        PubSubOptions.Overflow.DROP_OLDEST,
        PubSubOptions.DEFAULT_QUEUE);
  }

  @Test
  void listensToChannelsAndPatternsAtOnceAndSaysWhichMatched() {
    running(options(List.of(prefix), List.of(prefix + ".*"), Order.PARTITION));
    client.publish(prefix, "plain");
    client.publish(prefix + ".users", "by pattern");
    client.publish(Servers.unique("other"), "not for us");
    client.publish(prefix, "last");

    intake.awaitAccepted(3);

    assertEquals(3, intake.events().size());
    Event plain = intake.events().get(0);
    assertEquals(prefix, plain.extensions().get("redischannel"));
    assertNull(plain.extensions().get("redispattern"));
    Event matched = intake.events().get(1);
    assertEquals(prefix + ".users", matched.extensions().get("redischannel"));
    assertEquals(prefix + ".*", matched.extensions().get("redispattern"));
    assertEquals(prefix + ".users", matched.subject().orElseThrow());
    assertEquals("redis:" + prefix + ".users", matched.source());
    assertTrue(matched.id().startsWith("redis:" + prefix + ".users:"), matched.id());
  }

  @Test
  void takesPayloadsOfAnyBytesAndSizes() {
    Random random = new Random(11);
    byte[] every = new byte[256];
    for (int i = 0; i < every.length; i++) {
      every[i] = (byte) i;
    }
    byte[] large = new byte[10 << 20];
    random.nextBytes(large);
    List<byte[]> payloads = List.of(every, new byte[0], large);
    running(options(List.of(prefix), List.of(), Order.NONE));
    for (byte[] payload : payloads) {
      client.publish(Servers.utf8(prefix), payload);
    }

    intake.awaitAccepted(3);

    for (int i = 0; i < payloads.size(); i++) {
      assertArrayEquals(payloads.get(i), intake.events().get(i).data());
    }
  }

  @Test
  void putsTheMessagesOfAChannelIntoOneLane() {
    running(options(List.of(), List.of(prefix + "*"), Order.PARTITION));
    publishTwiceAndOnceElsewhere();

    List<FakeIntake.Offered> offered = intake.awaitAccepted(3);
    assertNotNull(offered.get(0).lane());
    assertEquals(offered.get(0).lane(), offered.get(1).lane());
    assertTrue(!offered.get(0).lane().equals(offered.get(2).lane()));
  }

  @Test
  void usesNoLanesWithoutOrder() {
    running(options(List.of(), List.of(prefix + "*"), Order.NONE));
    publishTwiceAndOnceElsewhere();

    assertTrue(intake.awaitAccepted(3).stream().allMatch(offered -> offered.lane() == null));
  }

  private void publishTwiceAndOnceElsewhere() {
    client.publish(prefix + ".a", "1");
    client.publish(prefix + ".a", "2");
    client.publish(prefix + ".b", "3");
  }

  @Test
  void countsEveryMessageThatASlowIntakeCostsAndNeverBlocksTheReader() {
    int published = 20_000;
    intake.holding();
    intake.setCapacity(1);
    PubSubOptions small =
        new PubSubOptions(
            List.of(prefix),
            List.of(),
            false,
            Order.NONE,
            PubSubOptions.Overflow.DROP_NEWEST,
            new PubSubOptions.Queue(100, 1 << 20));
    Trigger trigger = running(small);
    byte[] payload = new byte[1024];
    for (int i = 0; i < published; i++) {
      client.publish(Servers.utf8(prefix), payload);
    }
    await().atMost(FakeIntake.PATIENCE).until(() -> signals.droppedCount() + 102 >= published);
    assertEquals(1, intake.accepted().size());
    assertEquals(1, signals.connections().size(), "the server never cut the reader off");

    intake.settlingAll();
    intake.settleHeld(Settlement.DONE);
    await()
        .atMost(FakeIntake.PATIENCE)
        .until(() -> intake.accepted().size() + signals.droppedCount() == published);
    trigger.close();
    assertEquals(published, intake.accepted().size() + signals.droppedCount());
    assertEquals(List.of(), signals.failures());
  }

  @Test
  void countsWhatIsLeftInTheQueueAtTheEnd() {
    intake.holding();
    intake.setCapacity(1);
    Trigger trigger = running(Servers.volatileChannel(prefix));
    for (int i = 0; i < 10; i++) {
      client.publish(prefix, "message");
    }
    intake.awaitAccepted(1);
    trigger.close();

    assertEquals(9, signals.droppedCount());
  }
}
