package dev.millrace.triggers.redis;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.abi.Event;
import dev.millrace.triggers.Settlement;
import dev.millrace.triggers.Trigger;
import dev.millrace.triggers.TriggerContext;
import dev.millrace.triggers.testing.DurableTriggerContract;
import dev.millrace.triggers.testing.FakeIntake;
import dev.millrace.triggers.testing.FakeSignals;
import dev.millrace.triggers.testing.MemoryJournal;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.RedisClient;

/** A trigger with a journal passes the contract of triggers whose events outlive the worker. */
class DurablePubSubTriggerIT extends DurableTriggerContract {

  private final String channel = Servers.unique("orders");
  private final RedisClient client = Servers.client(Servers.shared());
  private final MemoryJournal journal = new MemoryJournal();

  @AfterEach
  void closeClient() {
    client.close();
  }

  @Override
  protected Trigger create(TriggerContext context) {
    return create(context, Servers.shared());
  }

  @Override
  protected Trigger createUnreachable(TriggerContext context) {
    return create(context, Servers.at(1));
  }

  private Trigger create(TriggerContext context, RedisConnection connection) {
    return new PubSubTriggerFactory(
            connection, Servers.durableChannel(channel), journal, Servers.FAST)
        .create(context);
  }

  @Override
  protected void produce() {
    client.publish(channel, "message");
  }

  @Test
  void offersAfterACrashWhatWasNotSettledWithTheSameIdsAndInOrder() throws Exception {
    running();
    for (int i = 0; i < 5; i++) {
      produce();
    }
    List<String> before =
        intake.awaitAccepted(5).stream().map(offered -> offered.event().id()).toList();
    String settled = before.get(2);
    intake.settleHeld(event -> event.id().equals(settled), Settlement.DONE);
    await().atMost(FakeIntake.PATIENCE).until(() -> journal.ids().size() == 4);

    // The first trigger is simply left behind, as a crash would leave it.
    FakeIntake afterwards = FakeIntake.unbounded();
    try (Trigger second =
        create(new TriggerContext("orders", afterwards, new FakeSignals(), clock()))) {
      second.start();
      afterwards.awaitAccepted(4);

      List<String> expected = before.stream().filter(id -> !id.equals(settled)).toList();
      assertEquals(expected, afterwards.ids().subList(0, 4));
      Event again = afterwards.events().get(0);
      assertEquals("redis:" + channel, again.source());
      assertEquals(channel, again.extensions().get("redischannel"));
    }
  }

  @Test
  void journalsAllOfAPauseHoweverSmallTheQueue() throws Exception {
    intake.settlingAll();
    PubSubOptions small =
        new PubSubOptions(
            List.of(channel),
            List.of(),
            true,
            Servers.durableChannel(channel).order(),
            PubSubOptions.Overflow.DROP_OLDEST,
            new PubSubOptions.Queue(500, 1 << 20));
    try (Trigger trigger =
        new PubSubTriggerFactory(Servers.shared(), small, journal, Servers.FAST)
            .create(new TriggerContext("orders", intake, signals, clock()))) {
      trigger.start();
      trigger.pause();
      await().atMost(FakeIntake.PATIENCE).until(() -> !signals.connections().isEmpty());
      for (int i = 0; i < 2_000; i++) {
        client.publish(channel, Integer.toString(i));
      }
      await().atMost(FakeIntake.PATIENCE).until(() -> journal.ids().size() == 2_000);
      List<String> journaled = journal.ids();

      trigger.resume();

      intake.awaitAccepted(2_000);
      assertEquals(journaled, intake.ids());
      assertEquals(0, signals.droppedCount());
    }
  }
}
