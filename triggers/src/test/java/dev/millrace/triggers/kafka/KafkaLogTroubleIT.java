package dev.millrace.triggers.kafka;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.triggers.Settlement;
import dev.millrace.triggers.Trigger;
import dev.millrace.triggers.TriggerContext;
import dev.millrace.triggers.kafka.Membership.Protocol;
import dev.millrace.triggers.testing.FakeIntake;
import dev.millrace.triggers.testing.FakeSignals;
import dev.millrace.triggers.testing.KafkaBroker;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Logs that change under a trigger, and commits that it cannot read, with a real broker. */
class KafkaLogTroubleIT {

  private static final Duration PATIENCE = FakeIntake.PATIENCE;

  private final FakeIntake intake = FakeIntake.unbounded().settlingAll();
  private final FakeSignals signals = new FakeSignals();
  private final List<AutoCloseable> opened = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (int i = opened.size() - 1; i >= 0; i--) {
      opened.get(i).close();
    }
  }

  private TestTopic topic() throws Exception {
    TestTopic topic = TestTopic.create(KafkaBroker.bootstrap(), 1);
    opened.add(topic);
    return topic;
  }

  private Trigger start(TestTopic topic, KafkaTriggerOptions options, FakeIntake into) {
    Trigger trigger =
        new KafkaTriggerFactory("events", topic.connection(), options)
            .create(new TriggerContext("orders", into, signals, Clock.systemUTC()));
    opened.add(trigger);
    trigger.start();
    return trigger;
  }

  private static Admin admin(TestTopic topic) {
    return Admin.create(KafkaClients.admin("test", topic.connection()));
  }

  /** Known to be able to fail: where {@code Assignment.report} signals nothing. */
  @ParameterizedTest
  @EnumSource(
      value = Protocol.class,
      names = {"CONSUMER", "CLASSIC"})
  void aTopicMadeAnewWhileItIsReadRaisesTheAlarmAndIsReadFromItsFirstRecord(Protocol protocol)
      throws Exception {
    TestTopic topic = topic();
    topic.sendMany(50);
    KafkaTriggerOptions options = topic.options().with(protocol);
    KafkaTriggerOptions quick =
        new KafkaTriggerOptions(
            options.topics(),
            options.pattern(),
            options.membership(),
            options.start(),
            options.order(),
            false,
            Map.of("metadata.max.age.ms", "1000"));
    start(topic, quick, intake);
    intake.awaitAccepted(50);
    await().atMost(PATIENCE).until(() -> topic.committed(0) == 50);

    recreate(topic);
    for (int i = 0; i < 7; i++) {
      topic.send("new " + i);
    }

    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertEquals(
                    7,
                    intake.events().stream()
                        .filter(event -> text(event.data()).startsWith("new "))
                        .map(event -> text(event.data()))
                        .distinct()
                        .count()));
    await().atMost(PATIENCE).until(() -> topic.committed(0) == 7);
    assertTrue(!signals.losses().isEmpty(), "somebody must look");
    assertEquals(List.of(), signals.failures());
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static void recreate(TestTopic topic) throws Exception {
    try (Admin admin = admin(topic)) {
      admin.deleteTopics(List.of(topic.name())).all().get(60, TimeUnit.SECONDS);
      await()
          .atMost(PATIENCE)
          .until(() -> !admin.listTopics().names().get().contains(topic.name()));
    }
    topic.create();
  }

  @Test
  void gapsThatCompactionLeavesAreNoHoles() throws Exception {
    TestTopic topic = TestTopic.missing(KafkaBroker.bootstrap(), 1);
    opened.add(topic);
    try (Admin admin = admin(topic)) {
      Map<String, String> compacting =
          Map.of(
              "cleanup.policy", "compact",
              "segment.ms", "100",
              "min.cleanable.dirty.ratio", "0.0",
              "min.compaction.lag.ms", "0",
              "max.compaction.lag.ms", "200");
      admin
          .createTopics(
              List.of(
                  new NewTopic(topic.name(), Optional.of(1), Optional.empty()).configs(compacting)))
          .all()
          .get(60, TimeUnit.SECONDS);
    }
    byte[] key = "same".getBytes(StandardCharsets.UTF_8);
    await()
        .atMost(PATIENCE.multipliedBy(2))
        .pollInterval(Duration.ofMillis(300))
        .until(
            () -> {
              topic.send(0, key, key, List.of());
              int there = topic.readAll().size();
              return there + 2 < topic.end(0);
            });

    start(topic, topic.options(), intake);

    await().atMost(PATIENCE).until(() -> topic.committed(0) == topic.end(0));
    assertTrue(intake.events().size() < topic.end(0), "compaction left gaps");
    assertEquals(List.of(), signals.losses());
  }

  /** Damaged, written by something else, newer, and as large as the broker takes. */
  @Test
  void commitMetadataThatCannotBeReadCostsRepetitionAndNothingElse() throws Exception {
    String newer = Base64.getEncoder().encodeToString(new byte[] {2, 1, 1, 0, 0, 0, 0});
    String ours = CommitMetadata.encode(3, List.of(new OffsetRange(5, 9)));
    String damaged = ours.substring(0, ours.length() - 2) + "AA";
    for (String metadata : List.of("of another program", newer, damaged, "x".repeat(4_000))) {
      TestTopic topic = topic();
      topic.sendMany(10);
      try (Admin admin = admin(topic)) {
        admin
            .alterConsumerGroupOffsets(
                topic.group(),
                Map.of(new TopicPartition(topic.name(), 0), new OffsetAndMetadata(3, metadata)))
            .all()
            .get(60, TimeUnit.SECONDS);
      }
      FakeIntake into = FakeIntake.unbounded().settlingAll();

      start(topic, topic.options(), into);

      into.awaitAccepted(7);
      await().atMost(PATIENCE).until(() -> topic.committed(0) == 10);
      assertEquals(7, Set.copyOf(into.ids()).size(), metadata);
    }
    assertEquals(List.of(), signals.failures());
  }

  /** A record in the middle that fails for good: its neighbours are done, it is a dead letter. */
  @Test
  void aPoisonRecordLeavesItsNeighboursAlone() throws Exception {
    TestTopic topic = topic();
    topic.sendMany(20);
    FakeIntake into =
        FakeIntake.unbounded()
            .settlingBy(
                event ->
                    text(event.data()).equals("11") ? Settlement.DEAD_LETTERED : Settlement.DONE);

    start(topic, topic.options(), into);

    into.awaitAccepted(20);
    await().atMost(PATIENCE).until(() -> topic.committed(0) == 20);
  }
}
