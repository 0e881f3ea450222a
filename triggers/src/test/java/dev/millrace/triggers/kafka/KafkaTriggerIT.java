package dev.millrace.triggers.kafka;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.abi.Event;
import dev.millrace.abi.Header;
import dev.millrace.triggers.Order;
import dev.millrace.triggers.Settlement;
import dev.millrace.triggers.Trigger;
import dev.millrace.triggers.TriggerContext;
import dev.millrace.triggers.TriggerStatus.State;
import dev.millrace.triggers.kafka.KafkaTriggerOptions.Start;
import dev.millrace.triggers.kafka.Membership.Protocol;
import dev.millrace.triggers.local.LocalKafka;
import dev.millrace.triggers.testing.FakeIntake;
import dev.millrace.triggers.testing.FakeSignals;
import dev.millrace.triggers.testing.KafkaBroker;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The whole way of records, with a real broker. */
class KafkaTriggerIT {

  private static final Duration PATIENCE = FakeIntake.PATIENCE;
  private static final byte[] NOT_UTF_8 = {(byte) 0xff, 0, (byte) 0xc3, 0x28};

  private final FakeIntake intake = FakeIntake.unbounded();
  private final FakeSignals signals = new FakeSignals();
  private final List<AutoCloseable> opened = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (int i = opened.size() - 1; i >= 0; i--) {
      opened.get(i).close();
    }
  }

  private TestTopic topic(int partitions) throws Exception {
    TestTopic topic = TestTopic.create(KafkaBroker.bootstrap(), partitions);
    opened.add(topic);
    return topic;
  }

  private Trigger start(TestTopic topic, KafkaTriggerOptions options) {
    return start(topic, options, intake);
  }

  private Trigger start(TestTopic topic, KafkaTriggerOptions options, FakeIntake into) {
    Trigger trigger =
        new KafkaTriggerFactory("events", topic.connection(), options)
            .create(new TriggerContext("orders", into, signals, Clock.systemUTC()));
    opened.add(trigger);
    trigger.start();
    return trigger;
  }

  private static String text(Event event) {
    return new String(event.data(), StandardCharsets.UTF_8);
  }

  @Test
  void aRestartRunsOnlyWhatWasNotFinished() throws Exception {
    TestTopic topic = topic(1);
    topic.sendMany(500);
    Trigger first = start(topic, topic.options());
    intake.awaitAccepted(500);
    Set<String> open = new HashSet<>(Set.of("3", "77", "78", "450"));
    intake.settleHeld(event -> !open.contains(text(event)), Settlement.DONE);
    first.close();

    FakeIntake second = FakeIntake.unbounded();
    start(topic, topic.options(), second);

    second.awaitAccepted(4);
    await().during(Duration.ofSeconds(1)).atMost(PATIENCE).until(() -> second.events().size() == 4);
    assertEquals(
        open, second.events().stream().map(KafkaTriggerIT::text).collect(Collectors.toSet()));
  }

  @Test
  void keepsEverythingOfARecord() throws Exception {
    TestTopic topic = topic(2);
    List<Header> headers =
        List.of(
            new Header("raw", NOT_UTF_8),
            new Header("raw", null),
            new Header("content-type", "text/plain".getBytes(StandardCharsets.UTF_8)),
            new Header("traceparent", "00-4bf9-00".getBytes(StandardCharsets.UTF_8)));
    topic.send(1, NOT_UTF_8, NOT_UTF_8, headers);
    topic.send(1, null, null, List.of());

    start(topic, topic.options(Order.KEY, Start.EARLIEST));

    List<FakeIntake.Offered> offered = intake.awaitAccepted(2);
    Event event = offered.get(0).event();
    assertEquals("kafka:" + topic.name() + "/1/0", event.id());
    assertEquals("kafka:" + topic.name(), event.source());
    assertEquals("dev.millrace.kafka.record", event.type());
    assertEquals(Optional.of("text/plain"), event.dataContentType());
    assertEquals("1", event.extensions().get("kafkapartition"));
    assertEquals("00-4bf9-00", event.extensions().get("traceparent"));
    assertArrayEquals(NOT_UTF_8, event.key());
    assertArrayEquals(NOT_UTF_8, event.data());
    assertArrayEquals(NOT_UTF_8, event.headers().get(0).value());
    assertNull(event.headers().get(1).value());
    assertEquals(4, event.headers().size());
    assertFalse(offered.get(0).lane() == null, "a record with a key has a lane");
    Event tombstone = offered.get(1).event();
    assertNull(tombstone.key());
    assertNull(tombstone.data());
    assertNull(offered.get(1).lane(), "a record without a key has none");
  }

  @Test
  void readsTenMegabytes() throws Exception {
    TestTopic topic = topic(1);
    byte[] large = new byte[10 << 20];
    Arrays.fill(large, (byte) 'x');
    topic.send(0, null, large, List.of());
    topic.send("small");

    start(topic, topic.options());

    intake.awaitAccepted(2);
    assertArrayEquals(large, intake.events().get(0).data());
    assertEquals("small", text(intake.events().get(1)));
  }

  @Test
  void readsCloudEventsInBothModes() throws Exception {
    TestTopic topic = topic(1);
    topic.send(
        0,
        null,
        "plain".getBytes(StandardCharsets.UTF_8),
        List.of(
            header("ce_specversion", "1.0"),
            header("ce_id", "A-1"),
            header("ce_source", "/shop"),
            header("ce_type", "order.created"),
            header("content-type", "text/plain")));
    topic.send(
        0,
        null,
        ("{\"specversion\":\"1.0\",\"id\":\"A-2\",\"source\":\"/shop\",\"type\":\"order.paid\","
                + "\"data\":{\"sum\": 1.10}}")
            .getBytes(StandardCharsets.UTF_8),
        List.of(header("content-type", "application/cloudevents+json; charset=UTF-8")));

    start(topic, topic.options());

    intake.awaitAccepted(2);
    assertEquals(List.of("A-1", "A-2"), intake.ids());
    assertEquals("plain", text(intake.events().get(0)));
    assertEquals("{\"sum\": 1.10}", text(intake.events().get(1)));
    assertEquals("1", intake.events().get(1).extensions().get("kafkaoffset"));
  }

  private static Header header(String name, String value) {
    return new Header(name, value.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void readsTopicsThatMatchAPatternAndThoseThatComeLater() throws Exception {
    TestTopic early = topic(1);
    TestTopic late = TestTopic.missing(KafkaBroker.bootstrap(), 1);
    opened.add(late);
    TestTopic other = topic(1);
    for (Protocol protocol : Protocol.values()) {
      early.send("early");
      FakeIntake into = FakeIntake.unbounded().settlingAll();
      Trigger trigger =
          start(
              early,
              new KafkaTriggerOptions(
                  List.of(),
                  Optional.of("(" + early.name() + "|" + late.name() + ")"),
                  Membership.of(early.group(), protocol),
                  Start.EARLIEST,
                  Order.NONE,
                  false,
                  Map.of("metadata.max.age.ms", "1000")),
              into);
      into.awaitAccepted(1);

      late.create();
      late.send("late");
      other.send("other");

      into.awaitAccepted(2);
      assertEquals(Set.of("early", "late"), texts(into), "with protocol " + protocol);
      trigger.close();
    }
  }

  private static Set<String> texts(FakeIntake into) {
    return into.events().stream().map(KafkaTriggerIT::text).collect(Collectors.toSet());
  }

  @Test
  void waitsForATopicThatDoesNotExistAndReadsItFromItsFirstRecord() throws Exception {
    TestTopic topic = TestTopic.missing(KafkaBroker.bootstrap(), 1);
    opened.add(topic);
    Trigger trigger = start(topic, topic.options(Order.NONE, Start.LATEST));
    await().atMost(PATIENCE).until(() -> trigger.status().detail().contains(topic.name()));

    topic.create();
    topic.send("first");

    intake.awaitAccepted(1);
    assertEquals("first", text(intake.events().get(0)));
    assertEquals(List.of(), signals.failures());
  }

  @Test
  void latestBeginsAtTheEndAndKeepsThatPlace() throws Exception {
    TestTopic topic = topic(1);
    topic.send("before");
    Trigger trigger = start(topic, topic.options(Order.NONE, Start.LATEST));
    await().atMost(PATIENCE).until(() -> trigger.status().lag().isPresent());
    trigger.close();
    topic.send("while away");

    start(topic, topic.options(Order.NONE, Start.LATEST));

    intake.awaitAccepted(1);
    assertEquals("while away", text(intake.events().get(0)));
  }

  @Test
  void theClassicProtocolReadsAndCommits() throws Exception {
    TestTopic topic = topic(2);
    topic.sendMany(100);
    KafkaTriggerOptions options =
        new KafkaTriggerOptions(
            List.of(topic.name()),
            Optional.empty(),
            Membership.of(topic.group(), Protocol.CLASSIC),
            Start.EARLIEST,
            Order.PARTITION,
            false,
            Map.of());
    intake.settlingAll();
    Trigger trigger = start(topic, options);
    intake.awaitAccepted(100);
    trigger.close();
    topic.send("later");

    FakeIntake second = FakeIntake.unbounded();
    start(topic, options, second);

    second.awaitAccepted(1);
    assertEquals("later", text(second.events().get(0)));
  }

  @Test
  void twoMembersShareThePartitionsAndAllIsRunOnce() throws Exception {
    TestTopic topic = topic(4);
    FakeIntake one = FakeIntake.unbounded().settlingAll();
    FakeIntake two = FakeIntake.unbounded().settlingAll();
    start(topic, topic.options(), one);
    topic.sendMany(400);
    one.awaitAccepted(400);

    Trigger leaving = start(topic, topic.options(), two);
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              topic.sendMany(4);
              return !two.events().isEmpty();
            });
    leaving.close();
    int sofar = sum(one, two);
    topic.sendMany(400);

    await().atMost(PATIENCE).until(() -> sum(one, two) >= sofar + 400);
    List<String> ids = new ArrayList<>(one.ids());
    ids.addAll(two.ids());
    assertEquals(ids.size(), Set.copyOf(ids).size(), "no record ran twice");
    assertEquals(topic.readAll().size(), ids.size());
  }

  private static int sum(FakeIntake one, FakeIntake two) {
    return one.events().size() + two.events().size();
  }

  @Test
  void aFullIntakeHoldsTheRestAndLosesNothing() throws Exception {
    TestTopic topic = topic(2);
    topic.sendMany(100);
    intake.setCapacity(7);

    start(topic, topic.options());

    Set<String> seen = new HashSet<>();
    while (seen.size() < 100) {
      await().atMost(PATIENCE).until(() -> !intake.held().isEmpty());
      assertTrue(intake.held().size() <= 7);
      intake.held().forEach(offered -> seen.add(offered.event().id()));
      intake.settleHeld(Settlement.DONE);
    }
    assertTrue(intake.refusals() > 0);
    assertEquals(100, intake.events().size());
  }

  @Test
  void aBrokerKilledAndStartedAgainLosesNothing() throws Exception {
    try (LocalKafka broker = KafkaBroker.killable(Map.of());
        TestTopic topic = TestTopic.create(broker.bootstrap(), 2)) {
      intake.settlingAll();
      try (Trigger trigger = start(topic, topic.options())) {
        topic.sendMany(1_000);
        intake.awaitAccepted(1_000);

        broker.kill();
        await().atMost(PATIENCE).until(() -> trigger.status().state() == State.CONNECTING);
        broker.restart();
        topic.sendMany(1_000);

        await().atMost(PATIENCE).until(() -> Set.copyOf(intake.ids()).size() == 2_000);
        await().atMost(PATIENCE).until(() -> trigger.status().state() == State.RUNNING);
        assertEquals(2, signals.connections().size());
        assertEquals(1, signals.disconnections().size());
        assertEquals(List.of(), signals.failures());
      }
    }
  }

  @Test
  void aFunctionLongerThanThePollIntervalCostsNoMembership() throws Exception {
    TestTopic topic = topic(1);
    topic.sendMany(2);
    intake.setCapacity(1);
    KafkaTriggerOptions plain = topic.options();
    start(
        topic,
        new KafkaTriggerOptions(
            plain.topics(),
            plain.pattern(),
            plain.membership(),
            plain.start(),
            plain.order(),
            false,
            Map.of("max.poll.interval.ms", "1500")));
    intake.awaitAccepted(1);

    await().during(Duration.ofSeconds(4)).atMost(PATIENCE).until(() -> intake.ids().size() == 1);
    intake.settleHeld(Settlement.DONE);

    intake.awaitAccepted(2);
    intake.settleHeld(Settlement.DONE);
    await().atMost(PATIENCE).until(() -> topic.committed(0) == 2);
    assertEquals(2, intake.ids().size());
    assertEquals(List.of("connected"), signals.connections());
  }

  @Test
  void transactionMarkersArePassedAndAbortedRecordsNotRead() throws Exception {
    TestTopic topic = topic(1);
    topic.sendInTransaction("aborted", false);
    topic.sendInTransaction("kept", true);
    intake.settlingAll();

    start(topic, topic.options());

    intake.awaitAccepted(1);
    assertEquals("kept", text(intake.events().get(0)));
    await().atMost(PATIENCE).until(() -> topic.committed(0) == 4);
  }

  @Test
  void recordsThatTheBrokerDeletedRaiseTheAlarmAndAreLeftBehind() throws Exception {
    TestTopic topic = topic(1);
    topic.sendMany(50);
    intake.settlingAll();
    Trigger trigger = start(topic, topic.options());
    intake.awaitAccepted(50);
    trigger.close();
    topic.sendMany(50);
    topic.deleteBelow(80);

    FakeIntake second = FakeIntake.unbounded().settlingAll();
    start(topic, topic.options(), second);

    second.awaitAccepted(20);
    assertEquals("kafka:" + topic.name() + "/0/80", second.ids().get(0));
    assertEquals(1, signals.losses().size(), signals.losses().toString());
    assertTrue(signals.losses().get(0).contains("50"), signals.losses().get(0));
  }
}
