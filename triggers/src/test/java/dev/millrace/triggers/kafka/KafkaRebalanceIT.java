package dev.millrace.triggers.kafka;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Members that come and go, with a real broker and both group protocols. */
class KafkaRebalanceIT {

  private static final Duration PATIENCE = FakeIntake.PATIENCE;
  private static final int PARTITIONS = 6;

  /** A drain limit that many functions exceed. */
  private static final KafkaTiming TIMING =
      new KafkaTiming(
          Duration.ofMillis(20),
          Duration.ofMillis(100),
          Duration.ofMillis(150),
          Duration.ofSeconds(15),
          Duration.ofSeconds(3),
          Duration.ofSeconds(20),
          Duration.ofSeconds(10));

  private final FakeSignals signals = new FakeSignals();
  private final CommitHistory history = new CommitHistory();
  private final List<AutoCloseable> opened = new ArrayList<>();
  private final List<FakeIntake> intakes = new ArrayList<>();
  private final AtomicBoolean running = new AtomicBoolean(true);

  @AfterEach
  void close() throws Exception {
    for (int i = opened.size() - 1; i >= 0; i--) {
      opened.get(i).close();
    }
    running.set(false);
  }

  private TestTopic topic(int partitions) throws Exception {
    TestTopic topic = TestTopic.create(KafkaBroker.bootstrap(), partitions);
    opened.add(topic);
    return topic;
  }

  private static KafkaTriggerOptions options(
      TestTopic topic, Protocol protocol, Optional<String> instance) {
    return new KafkaTriggerOptions(
        List.of(topic.name()),
        Optional.empty(),
        new Membership(topic.group(), protocol, instance),
        Start.EARLIEST,
        Order.NONE,
        false,
        Map.of());
  }

  private Trigger start(
      String name, TestTopic topic, KafkaTriggerOptions options, FakeIntake intake) {
    KafkaLinks links = KafkaLinks.to("orders", "events", topic.connection(), options, "not used");
    Trigger trigger =
        new KafkaTrigger(
            new TriggerContext("orders", intake, signals, Clock.systemUTC()),
            options,
            TIMING,
            protocol -> KafkaLink.of(history.over(name, links.open(protocol).consumer())),
            new Random(1));
    opened.add(trigger);
    trigger.start();
    return trigger;
  }

  /** A worker whose functions take up to three times the drain limit. */
  private FakeIntake worker(long seed) {
    FakeIntake intake = FakeIntake.ofCapacity(40);
    intakes.add(intake);
    Thread thread =
        new Thread(
            () -> {
              Random random = new Random(seed);
              Map<FakeIntake.Offered, Long> due = new HashMap<>();
              while (running.get()) {
                long now = System.nanoTime();
                for (FakeIntake.Offered offered : intake.held()) {
                  long at =
                      due.computeIfAbsent(
                          offered, o -> now + random.nextLong(3 * TIMING.drain().toNanos()));
                  if (now - at >= 0) {
                    history.acknowledged(offered.event());
                    offered.settle(Settlement.DONE);
                    due.remove(offered);
                  }
                }
                LockSupport.parkNanos(1_000_000);
              }
            },
            "settling");
    thread.setDaemon(true);
    thread.start();
    return intake;
  }

  /**
   * Nothing stalls, nothing is missing, and each commit is of partitions that its member owns and
   * of records that were acknowledged.
   *
   * <p>Known to be able to fail: where {@code PollLoop.onPartitionsRevoked} keeps the partitions, a
   * trigger ends at one that it does not own; where {@code OffsetTracker.lowestOpen} answers the
   * next offset, records are lost.
   */
  @ParameterizedTest
  @EnumSource(
      value = Protocol.class,
      names = {"CONSUMER", "CLASSIC"})
  void aStormOfMembersStallsNothingAndNoOldAssignmentCommits(Protocol protocol) throws Exception {
    long seed = System.nanoTime();
    System.out.println("KafkaRebalanceIT " + protocol + ", seed " + seed);
    Random random = new Random(seed);
    TestTopic topic = topic(PARTITIONS);
    KafkaTriggerOptions options = options(topic, protocol, Optional.empty());
    int records = 0;
    List<Trigger> members = new ArrayList<>();
    members.add(start("first", topic, options, worker(seed)));
    for (int round = 0; round < 12; round++) {
      topic.sendMany(120);
      records += 120;
      if (members.size() < 2 || (members.size() < 4 && random.nextBoolean())) {
        members.add(start("member " + round, topic, options, worker(seed + round)));
      } else {
        members.remove(random.nextInt(members.size())).close();
      }
      Thread.sleep(random.nextInt(600));
    }

    int sent = records;
    await().atMost(PATIENCE).until(() -> committed(topic) == sent);
    assertEquals(sent, ids().size(), "seed " + seed);
    assertEquals(List.of(), history.violations(), "seed " + seed);
    assertTrue(history.commits() > 10, "commits were seen");
    assertEquals(List.of(), signals.failures());
    assertEquals(List.of(), signals.losses());
  }

  private static long committed(TestTopic topic) throws Exception {
    long sum = 0;
    for (int i = 0; i < PARTITIONS; i++) {
      sum += Math.max(0, topic.committed(i));
    }
    return sum;
  }

  private Set<String> ids() {
    Set<String> ids = new HashSet<>();
    intakes.forEach(intake -> ids.addAll(intake.ids()));
    return ids;
  }

  /**
   * Known to be able to fail: without {@code group.instance.id} the other member reads what belongs
   * to the one that is away.
   */
  @ParameterizedTest
  @EnumSource(
      value = Protocol.class,
      names = {"CONSUMER", "CLASSIC"})
  void aStaticMemberFindsItsPartitionsAgainAndNobodyElseGotThem(Protocol protocol)
      throws Exception {
    TestTopic topic = topic(2);
    FakeIntake stays = FakeIntake.unbounded().settlingAll();
    FakeIntake leaves = FakeIntake.unbounded().settlingAll();
    KafkaTriggerOptions restarting = options(topic, protocol, Optional.of("a"));
    start("b", topic, options(topic, protocol, Optional.of("b")), stays);
    Trigger trigger = start("a", topic, restarting, leaves);
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              topic.sendMany(2);
              return !stays.events().isEmpty() && !leaves.events().isEmpty();
            });
    awaitEachHasOne(topic, stays, leaves);
    String own = partitionOf(leaves);
    trigger.close();
    int staying = stays.events().size();
    topic.sendMany(20);
    stays.awaitAccepted(staying + 10);
    // Longer than a rebalance takes, shorter than a session.
    await()
        .during(Duration.ofSeconds(5))
        .atMost(PATIENCE)
        .until(() -> stays.events().size() == staying + 10);

    FakeIntake again = FakeIntake.unbounded().settlingAll();
    start("a again", topic, restarting, again);

    again.awaitAccepted(10);
    assertEquals(own, partitionOf(again));
    assertEquals(
        Set.of(partitionOf(stays)),
        new HashSet<>(
            stays.ids().subList(staying, stays.ids().size()).stream()
                .map(KafkaRebalanceIT::partition)
                .toList()),
        "the member that stayed got nothing of the other's");
  }

  /** Until each of both members reads one partition, and the other one nothing of it. */
  private static void awaitEachHasOne(TestTopic topic, FakeIntake one, FakeIntake two) {
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              int first = one.events().size();
              int second = two.events().size();
              topic.sendMany(2);
              await()
                  .atMost(PATIENCE)
                  .until(() -> one.events().size() + two.events().size() >= first + second + 2);
              return one.events().size() > first && two.events().size() > second;
            });
  }

  private static String partitionOf(FakeIntake intake) {
    return partition(intake.ids().get(intake.ids().size() - 1));
  }

  private static String partition(String id) {
    return id.substring(0, id.lastIndexOf('/'));
  }

  @Test
  void aSecondMemberOfOneNameWaitsUntilTheFirstHasLeft() throws Exception {
    TestTopic topic = topic(1);
    KafkaTriggerOptions same = options(topic, Protocol.CONSUMER, Optional.of("one"));
    Trigger first = start("first", topic, same, FakeIntake.unbounded().settlingAll());
    await().atMost(PATIENCE).until(() -> first.status().state() == State.RUNNING);
    FakeIntake second = FakeIntake.unbounded().settlingAll();
    Trigger waiting = start("second", topic, same, second);
    await().atMost(PATIENCE).until(() -> waiting.status().detail().contains("has not left"));

    first.close();
    topic.send("for the second");

    second.awaitAccepted(1);
  }

  @Test
  void underTheClassicProtocolTheFirstMemberOfOneNameIsFencedAndSaysSo() throws Exception {
    TestTopic topic = topic(1);
    KafkaTriggerOptions same = options(topic, Protocol.CLASSIC, Optional.of("one"));
    Trigger first = start("first", topic, same, FakeIntake.unbounded().settlingAll());
    await().atMost(PATIENCE).until(() -> first.status().state() == State.RUNNING);

    start("second", topic, same, FakeIntake.unbounded().settlingAll());

    await().atMost(PATIENCE).until(() -> first.status().state() == State.FAILED);
    assertTrue(
        signals.failures().get(0).getMessage().contains("FencedInstanceId"),
        signals.failures().get(0).getMessage());
  }

  @Test
  void autoTakesTheClassicProtocolWhereTheBrokerHasNoOther() throws Exception {
    try (LocalKafka old =
            KafkaBroker.killable(Map.of("group.coordinator.rebalance.protocols", "classic"));
        TestTopic topic = TestTopic.create(old.bootstrap(), 1)) {
      FakeIntake intake = FakeIntake.unbounded().settlingAll();
      topic.send("one");
      try (Trigger trigger =
          start("auto", topic, options(topic, Protocol.AUTO, Optional.empty()), intake)) {
        intake.awaitAccepted(1);
        await().until(() -> trigger.status().state() == State.RUNNING);
      }
    }
  }
}
