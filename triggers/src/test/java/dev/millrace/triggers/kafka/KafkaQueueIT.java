package dev.millrace.triggers.kafka;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.triggers.Settlement;
import dev.millrace.triggers.Trigger;
import dev.millrace.triggers.TriggerContext;
import dev.millrace.triggers.kafka.KafkaTriggerOptions.Start;
import dev.millrace.triggers.local.LocalKafka;
import dev.millrace.triggers.testing.FakeIntake;
import dev.millrace.triggers.testing.FakeSignals;
import dev.millrace.triggers.testing.KafkaBroker;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Topics as queues, with a real broker. */
class KafkaQueueIT {

  private static final Duration PATIENCE = FakeIntake.PATIENCE;

  private final FakeIntake intake = FakeIntake.unbounded();
  private final FakeSignals signals = new FakeSignals();
  private final List<AutoCloseable> opened = new ArrayList<>();
  private TestTopic topic;

  @BeforeEach
  void createTopic() throws Exception {
    topic = TestTopic.create(KafkaBroker.bootstrap(), 1);
    opened.add(topic);
  }

  @AfterEach
  void close() throws Exception {
    for (int i = opened.size() - 1; i >= 0; i--) {
      opened.get(i).close();
    }
  }

  private Trigger start(FakeIntake into, int members, int batch) {
    return start(topic, into, members, batch);
  }

  private Trigger start(TestTopic from, FakeIntake into, int members, int batch) {
    KafkaQueueOptions options =
        new KafkaQueueOptions(
            List.of(from.name()), from.group(), Start.EARLIEST, members, batch, Map.of());
    Trigger trigger =
        new KafkaQueueTriggerFactory(from.connection(), options)
            .create(new TriggerContext("orders", into, signals, Clock.systemUTC()));
    opened.add(trigger);
    trigger.start();
    return trigger;
  }

  private void set(String key, String value) throws Exception {
    ConfigResource group = new ConfigResource(ConfigResource.Type.GROUP, topic.group());
    try (Admin admin = Admin.create(KafkaClients.admin("test", topic.connection()))) {
      admin
          .incrementalAlterConfigs(
              Map.of(
                  group,
                  List.of(
                      new AlterConfigOp(new ConfigEntry(key, value), AlterConfigOp.OpType.SET))))
          .all()
          .get(60, TimeUnit.SECONDS);
    }
  }

  private String get(String key) throws Exception {
    ConfigResource group = new ConfigResource(ConfigResource.Type.GROUP, topic.group());
    try (Admin admin = Admin.create(KafkaClients.admin("test", topic.connection()))) {
      return admin
          .describeConfigs(List.of(group))
          .all()
          .get(60, TimeUnit.SECONDS)
          .get(group)
          .get(key)
          .value();
    }
  }

  /**
   * Known to be able to fail: without {@code ShareGroup.prepare} the records before are not read.
   */
  @Test
  void readsWhatWasThereBeforeItsGroup() throws Exception {
    topic.sendMany(100);

    start(intake.settlingAll(), 2, 8);

    intake.awaitAccepted(100);
    assertEquals(100, Set.copyOf(intake.ids()).size());
    assertEquals("earliest", get(ShareGroup.START));
    assertEquals("read_committed", get(ShareGroup.ISOLATION));
    assertEquals("10", get(ShareGroup.DELIVERIES));
  }

  @Test
  void leavesAloneWhatAPersonHasSetForTheGroup() throws Exception {
    set(ShareGroup.DELIVERIES, "3");

    start(intake.settlingAll(), 1, 1);
    topic.send("one");

    intake.awaitAccepted(1);
    assertEquals("3", get(ShareGroup.DELIVERIES));
  }

  @Test
  void twoWorkersShareOnePartition() throws Exception {
    FakeIntake other = FakeIntake.unbounded().settlingAll();
    start(intake.settlingAll(), 1, 4);
    start(other, 1, 4);

    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              for (int i = 0; i < 50; i++) {
                topic.send("to one partition");
              }
              return !intake.events().isEmpty() && !other.events().isEmpty();
            });
  }

  /**
   * Known to be able to fail: where {@code QueueLoop.renew} gives records back, they come again.
   */
  @Test
  void aFunctionLongerThanTheLockRunsOnce() throws Exception {
    set("share.record.lock.duration.ms", "1500");
    topic.sendMany(6);
    start(intake, 1, 6);
    intake.awaitAccepted(6);

    await().during(Duration.ofSeconds(6)).atMost(PATIENCE).until(() -> intake.ids().size() == 6);
    intake.settlingAll();
    intake.settleHeld(Settlement.DONE);
    topic.send("next");

    intake.awaitAccepted(7);
    await().during(Duration.ofSeconds(3)).atMost(PATIENCE).until(() -> intake.ids().size() == 7);
  }

  @Test
  void aSlowEventHoldsUpItsOwnMemberOnly() throws Exception {
    start(intake, 2, 1);
    topic.send("slow");
    intake.awaitAccepted(1);
    intake.settlingAll();

    for (int i = 0; i < 20; i++) {
      topic.send("quick");
    }

    intake.awaitAccepted(21);
    assertEquals(1, intake.held().size());
  }

  @Test
  void whatAWorkerLeftUnfinishedComesToTheNext() throws Exception {
    topic.sendMany(40);
    Trigger first = start(intake, 1, 8);
    intake.awaitAccepted(8);
    Set<String> done = new HashSet<>();
    intake.settleHeld(
        event ->
            new String(event.data(), StandardCharsets.UTF_8).endsWith("2") && done.add(event.id()),
        Settlement.DONE);
    first.close();
    FakeIntake second = FakeIntake.unbounded().settlingAll();

    start(second, 1, 8);

    await().atMost(PATIENCE).until(() -> Set.copyOf(second.ids()).size() == 40 - done.size());
    assertTrue(second.ids().stream().noneMatch(done::contains), "what is accepted stays away");
  }

  @Test
  void aFullIntakeHoldsTheRestAndLosesNothing() throws Exception {
    intake.setCapacity(3);
    topic.sendMany(50);

    start(intake, 2, 8);

    Set<String> seen = new HashSet<>();
    while (seen.size() < 50) {
      await().atMost(PATIENCE).until(() -> !intake.held().isEmpty());
      intake.held().forEach(offered -> seen.add(offered.event().id()));
      intake.settleHeld(Settlement.DONE);
    }
    assertEquals(50, intake.events().size());
  }

  @Test
  void aBrokerKilledAndStartedAgainLosesNothing() throws Exception {
    try (LocalKafka broker = KafkaBroker.killable(Map.of());
        TestTopic own = TestTopic.create(broker.bootstrap(), 2)) {
      try (Trigger trigger = start(own, intake.settlingAll(), 2, 16)) {
        own.sendMany(300);
        intake.awaitAccepted(300);

        broker.kill();
        broker.restart();
        own.sendMany(300);

        await().atMost(PATIENCE).until(() -> Set.copyOf(intake.ids()).size() == 600);
        assertEquals(List.of(), signals.failures());
        assertEquals("orders", trigger.name());
      }
    }
  }
}
