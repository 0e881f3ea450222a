package dev.millrace.triggers.kafka;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.abi.Event;
import dev.millrace.abi.Message;
import dev.millrace.triggers.Order;
import dev.millrace.triggers.Settlement;
import dev.millrace.triggers.Trigger;
import dev.millrace.triggers.TriggerContext;
import dev.millrace.triggers.kafka.FaultyProducer.Fault;
import dev.millrace.triggers.kafka.KafkaTriggerOptions.Start;
import dev.millrace.triggers.kafka.Membership.Protocol;
import dev.millrace.triggers.testing.FakeIntake;
import dev.millrace.triggers.testing.FakeSignals;
import dev.millrace.triggers.testing.KafkaBroker;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Results and offsets in one transaction, with a real broker and a reader of committed records.
 *
 * <p>Known to be able to fail: where {@code TransactionalCommitter.commit} lets the consumer commit
 * the offsets after the transaction, the results of what ran twice are there twice.
 */
class ExactlyOnceIT {

  private static final Duration PATIENCE = FakeIntake.PATIENCE;
  private static final int PARTITIONS = 4;

  private final FakeSignals signals = new FakeSignals();
  private final List<AutoCloseable> opened = new ArrayList<>();
  private final AtomicBoolean settling = new AtomicBoolean(true);
  private final AtomicInteger runs = new AtomicInteger();
  private TestTopic input;
  private TestTopic output;

  @BeforeEach
  void createTopics() throws Exception {
    input = TestTopic.create(KafkaBroker.bootstrap(), PARTITIONS);
    output = TestTopic.create(KafkaBroker.bootstrap(), 2);
    opened.add(input);
    opened.add(output);
  }

  @AfterEach
  void close() throws Exception {
    for (int i = opened.size() - 1; i >= 0; i--) {
      opened.get(i).close();
    }
    settling.set(false);
  }

  private KafkaTriggerOptions options(Protocol protocol) {
    return new KafkaTriggerOptions(
        List.of(input.name()),
        Optional.empty(),
        Membership.of(input.group(), protocol),
        Start.EARLIEST,
        Order.NONE,
        true,
        Map.of());
  }

  private Trigger start(Protocol protocol, String id, FakeIntake intake, Fault fault) {
    KafkaConnection connection =
        new KafkaConnection(KafkaBroker.bootstrap(), Map.of("transaction.timeout.ms", "5000"));
    KafkaLinks real = KafkaLinks.to("orders", "events", connection, options(protocol), id);
    Trigger trigger =
        new KafkaTrigger(
            new TriggerContext("orders", intake, signals, Clock.systemUTC()),
            options(protocol),
            KafkaTiming.DEFAULT,
            chosen -> faulty(real.open(chosen), fault),
            new Random(1));
    opened.add(trigger);
    trigger.start();
    return trigger;
  }

  private static KafkaLink faulty(KafkaLink link, Fault fault) {
    KafkaLink.Transactions own = link.transactions().orElseThrow();
    return new KafkaLink(
        link.consumer(),
        Optional.of(
            new KafkaLink.Transactions(
                own.connection(), FaultyProducer.over(own.producer(), fault))));
  }

  /** A worker whose threads settle events in any order, each with one result that names it. */
  private FakeIntake worker(long seed) {
    FakeIntake intake = FakeIntake.ofCapacity(300).publishing(this::result);
    Thread thread =
        new Thread(
            () -> {
              Random random = new Random(seed);
              while (settling.get()) {
                for (FakeIntake.Offered offered : intake.held()) {
                  if (random.nextInt(3) > 0) {
                    offered.settle(Settlement.DONE);
                  }
                }
                LockSupport.parkNanos(200_000);
              }
            },
            "settling");
    thread.setDaemon(true);
    thread.start();
    return intake;
  }

  private List<Message> result(Event event) {
    runs.incrementAndGet();
    return List.of(
        new Message(
            "events/" + output.name(),
            null,
            List.of(),
            event.id().getBytes(StandardCharsets.UTF_8)));
  }

  private void awaitCommitted(int records) {
    await()
        .atMost(PATIENCE.multipliedBy(2))
        .until(
            () -> {
              long sum = 0;
              for (int i = 0; i < PARTITIONS; i++) {
                sum += Math.max(0, input.committed(i));
              }
              return sum == records;
            });
  }

  /**
   * Fails unless a reader of committed records sees one result for each record. The end of a
   * transaction reaches each partition by itself: the offsets may be committed before the results
   * can be read.
   */
  private void assertEachOnce(int records, String hint) {
    List<ConsumerRecord<byte[], byte[]>> results =
        await(hint).atMost(PATIENCE).until(output::readAll, all -> all.size() >= records);
    Map<String, Integer> seen = new TreeMap<>();
    for (ConsumerRecord<byte[], byte[]> record : results) {
      seen.merge(new String(record.value(), StandardCharsets.UTF_8), 1, Integer::sum);
    }
    seen.forEach((id, count) -> assertEquals(1, count, id + " " + hint));
    assertEquals(records, seen.size(), hint);
  }

  @Test
  void eachRecordHasOneResultWhateverFallsDownAndWherever() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    int records = 0;
    String hint = "seed " + seed;
    System.out.println("ExactlyOnceIT " + hint);
    for (String method :
        List.of("send", "sendOffsetsToTransaction", "commitTransaction", "beginTransaction")) {
      for (boolean reaches : new boolean[] {false, true}) {
        input.sendMany(400);
        records += 400;
        int nth = method.equals("send") ? 1 + random.nextInt(300) : 1;
        Fault death = new Fault(method, nth, reaches, new AssertionError("killed in " + method));
        Trigger killed = start(Protocol.CONSUMER, input.name(), worker(seed), death);
        await()
            .atMost(PATIENCE)
            .until(
                () -> killed.status().state() == dev.millrace.triggers.TriggerStatus.State.FAILED);
        killed.close();
      }
    }
    int before = runs.get();
    start(Protocol.CONSUMER, input.name(), worker(seed), Fault.none());

    awaitCommitted(records);
    assertEachOnce(records, hint);
    assertTrue(runs.get() > before && runs.get() > records, "some ran twice, else this is no test");
  }

  @Test
  void anAbortedTransactionRunsAgainAndLeavesNoResult() throws Exception {
    for (Protocol protocol : List.of(Protocol.CONSUMER, Protocol.CLASSIC)) {
      input.sendMany(400);
      Fault mismatch =
          new Fault("sendOffsetsToTransaction", 2, false, new CommitFailedException("not yours"));
      Trigger trigger = start(protocol, input.name(), worker(7), mismatch);

      awaitCommitted(protocol == Protocol.CONSUMER ? 400 : 800);
      trigger.close();
    }
    assertEachOnce(800, "");
    assertEquals(List.of(), signals.failures());
  }

  @Test
  void ofTwoProducersWithOneNameOneIsFencedAndEachResultIsThereOnce() throws Exception {
    input.sendMany(2_000);
    FakeIntake one = worker(1);
    FakeIntake two = worker(2);
    start(Protocol.CONSUMER, input.name(), one, Fault.none());
    one.awaitAccepted(200);
    Trigger twin = start(Protocol.CONSUMER, input.name(), two, Fault.none());
    // Only a transaction tells a producer that it is replaced: there must be work until then. Its
    // first trouble may be another one, if it is replaced between two of its steps.
    int records = 2_000;
    long patienceEnds = System.nanoTime() + PATIENCE.toNanos();
    while (!toldOfAnotherProducer() && System.nanoTime() < patienceEnds) {
      input.sendMany(200);
      records += 200;
    }
    twin.close();

    awaitCommitted(records);
    assertEachOnce(records, "");
    assertTrue(toldOfAnotherProducer(), signals.disconnections().toString());
  }

  private boolean toldOfAnotherProducer() {
    return signals.disconnections().stream()
        .anyMatch(reason -> reason.contains("another producer"));
  }

  @Test
  void theNextOwnerWaitsForATransactionThatADeadOneLeftOpen() throws Exception {
    input.sendMany(400);
    Fault death = new Fault("commitTransaction", 1, false, new AssertionError("killed"));
    Trigger killed = start(Protocol.CONSUMER, "a-" + input.name(), worker(1), death);
    await()
        .atMost(PATIENCE)
        .until(() -> killed.status().state() == dev.millrace.triggers.TriggerStatus.State.FAILED);

    start(Protocol.CONSUMER, "b-" + input.name(), worker(2), Fault.none());

    awaitCommitted(400);
    assertEachOnce(400, "");
  }

  @Test
  void membersThatComeAndGoMakeNoSecondResult() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    System.out.println("ExactlyOnceIT rebalances, seed " + seed);
    start(Protocol.CONSUMER, "first-" + input.name(), worker(seed), Fault.none());
    int records = 0;
    for (int round = 0; round < 4; round++) {
      input.sendMany(500);
      records += 500;
      Trigger other =
          start(Protocol.CONSUMER, round + "-" + input.name(), worker(round), Fault.none());
      Thread.sleep(random.nextInt(1_500));
      input.sendMany(500);
      records += 500;
      other.close();
    }

    awaitCommitted(records);
    assertEachOnce(records, "seed " + seed);
    assertEquals(List.of(), signals.failures());
  }

  @Test
  void aResultThatTheTopicNeverTakesMakesADeadLetterOfItsEventAlone() throws Exception {
    String small = "small-" + output.name();
    try (Admin admin = Admin.create(KafkaClients.admin("test", output.connection()))) {
      NewTopic topic = new NewTopic(small, Optional.of(1), Optional.empty());
      admin.createTopics(List.of(topic.configs(Map.of("max.message.bytes", "2000")))).all().get();
    }
    input.sendMany(100);
    Map<String, Settlement> endings = new ConcurrentHashMap<>();
    FakeIntake intake =
        FakeIntake.unbounded()
            .settlingAll()
            .publishing(
                event -> {
                  endings.put(event.id(), Settlement.DONE);
                  return event.id().endsWith("/0/5")
                      ? List.of(new Message("events/" + small, null, List.of(), new byte[5_000]))
                      : result(event);
                });

    start(Protocol.CONSUMER, input.name(), intake, Fault.none());

    awaitCommitted(100);
    assertEachOnce(99, "");
    assertEquals(100, endings.size());
  }

  @Test
  void whereTheResultsTopicIsMissingItSaysSoAndGoesOnOnceItIsThere() throws Exception {
    TestTopic missing = TestTopic.missing(KafkaBroker.bootstrap(), 1);
    opened.add(missing);
    input.sendMany(20);
    FakeIntake intake =
        FakeIntake.unbounded()
            .settlingAll()
            .publishing(
                event ->
                    List.of(new Message("events/" + missing.name(), null, List.of(), new byte[1])));
    Trigger trigger = start(Protocol.CONSUMER, input.name(), intake, Fault.none());
    await().atMost(PATIENCE).until(() -> !signals.disconnections().isEmpty());
    assertTrue(trigger.status().detail().contains(missing.name()), trigger.status().detail());

    missing.create();

    awaitCommitted(20);
    assertEquals(20, missing.readAll().size());
  }
}
