package dev.millrace.triggers.kafka;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.triggers.Order;
import dev.millrace.triggers.Trigger;
import dev.millrace.triggers.TriggerContext;
import dev.millrace.triggers.TriggerStatus.State;
import dev.millrace.triggers.kafka.KafkaTriggerOptions.Start;
import dev.millrace.triggers.kafka.Membership.Protocol;
import dev.millrace.triggers.testing.FakeIntake;
import dev.millrace.triggers.testing.FakeSignals;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of the poll thread when the client throws. */
class KafkaTriggerTest {

  private static final TopicPartition ZERO = new TopicPartition("orders", 0);

  private final FakeIntake intake = FakeIntake.unbounded().settlingAll();
  private final FakeSignals signals = new FakeSignals();
  private final List<Trigger> started = new ArrayList<>();

  @AfterEach
  void close() {
    started.forEach(Trigger::close);
  }

  private static KafkaTriggerOptions options(Map<String, String> properties) {
    return new KafkaTriggerOptions(
        List.of("orders"),
        Optional.empty(),
        Membership.of("group", Protocol.CONSUMER),
        Start.EARLIEST,
        Order.NONE,
        false,
        properties);
  }

  private TriggerContext context() {
    return new TriggerContext("orders", intake, signals, Clock.systemUTC());
  }

  private Trigger start(Supplier<Consumer<byte[], byte[]>> consumers) {
    Trigger trigger =
        new KafkaTrigger(
            context(),
            options(Map.of()),
            KafkaTiming.DEFAULT,
            protocol -> KafkaLink.of(consumers.get()),
            new Random(1));
    started.add(trigger);
    trigger.start();
    return trigger;
  }

  private static FaultyConsumer consumer() {
    FaultyConsumer consumer = new FaultyConsumer();
    consumer.updatePartitions(
        "orders", List.of(new PartitionInfo("orders", 0, null, new Node[0], new Node[0])));
    consumer.updateBeginningOffsets(Map.of(ZERO, 0L));
    consumer.updateEndOffsets(Map.of(ZERO, 0L));
    consumer.schedulePollTask(() -> consumer.rebalance(List.of(ZERO)));
    return consumer;
  }

  private static void deliverNext(FaultyConsumer consumer) {
    consumer.schedulePollTask(
        () -> consumer.addRecord(new ConsumerRecord<>("orders", 0, 0, null, new byte[1])));
  }

  @Test
  void makesANewConsumerAfterAnErrorThatMayPass() {
    FaultyConsumer refused = consumer();
    refused.schedulePollTask(
        () -> {
          throw new TopicAuthorizationException("orders");
        });
    FaultyConsumer allowed = consumer();
    deliverNext(allowed);
    Iterator<FaultyConsumer> consumers = List.of(refused, allowed).iterator();

    start(consumers::next);

    intake.awaitAccepted(1);
    assertTrue(refused.closed());
    assertTrue(signals.disconnections().get(0).contains("READ"), signals.disconnections().get(0));
    assertEquals(List.of("connected", "connected again"), signals.connections());
    assertEquals(List.of(), signals.failures());
  }

  @Test
  void keepsTheConsumerAfterAnErrorThatPassesByItself() {
    FaultyConsumer consumer = consumer();
    consumer.schedulePollTask(
        () -> {
          throw new TimeoutException("slow");
        });
    deliverNext(consumer);

    start(List.of(consumer).iterator()::next);

    intake.awaitAccepted(1);
    assertEquals(1, signals.disconnections().size());
  }

  @Test
  void saysThatItFailedWhereTheManifestIsWrong() {
    FaultyConsumer consumer = consumer();
    consumer.schedulePollTask(
        () -> {
          throw new InvalidTopicException("no topic can be called that");
        });

    Trigger trigger = start(() -> consumer);

    await().atMost(FakeIntake.PATIENCE).until(() -> !signals.failures().isEmpty());
    assertEquals(State.FAILED, trigger.status().state());
    assertTrue(consumer.closed());
  }

  @Test
  void saysThatItFailedOnABug() {
    FaultyConsumer consumer = consumer();
    consumer.schedulePollTask(
        () -> {
          throw new IllegalStateException("a bug");
        });

    Trigger trigger = start(() -> consumer);

    await().atMost(FakeIntake.PATIENCE).until(() -> !signals.failures().isEmpty());
    assertEquals(State.FAILED, trigger.status().state());
    assertTrue(trigger.status().detail().contains("a bug"), trigger.status().detail());
  }

  @Test
  void triesAgainWhileNoHostCanBeResolved() {
    FaultyConsumer consumer = consumer();
    deliverNext(consumer);
    int[] tries = {0};

    start(
        () -> {
          if (tries[0]++ < 2) {
            throw new KafkaException(
                "Failed to construct kafka consumer",
                new ConfigException("No resolvable bootstrap urls given in bootstrap.servers"));
          }
          return consumer;
        });

    intake.awaitAccepted(1);
    assertEquals(1, signals.disconnections().size(), "said once, not at each try");
  }

  @Test
  void takesAHostThatDoesNotExistForOneThatMayComeBack() {
    Trigger trigger =
        new KafkaTriggerFactory(
                "events", new KafkaConnection("nobody.invalid:9092", Map.of()), options(Map.of()))
            .create(context());
    started.add(trigger);
    trigger.start();

    await().atMost(FakeIntake.PATIENCE).until(() -> !signals.disconnections().isEmpty());
    assertEquals(State.CONNECTING, trigger.status().state());
    assertTrue(
        trigger.status().detail().contains("no host of the connection's bootstrap"),
        trigger.status().detail());
  }

  @Test
  void failsOnAPropertyThatKafkaDoesNotAccept() {
    Trigger trigger =
        new KafkaTriggerFactory(
                "events",
                new KafkaConnection("127.0.0.1:1", Map.of()),
                options(Map.of("max.poll.records", "many")))
            .create(context());
    started.add(trigger);
    trigger.start();

    await().atMost(FakeIntake.PATIENCE).until(() -> !signals.failures().isEmpty());
    assertTrue(
        signals.failures().get(0).getMessage().contains("max.poll.records"),
        signals.failures().get(0).getMessage());
  }

  @Test
  void refusesPropertiesThatItsGuaranteesRestOn() {
    KafkaTriggerFactory factory =
        new KafkaTriggerFactory(
            "events",
            new KafkaConnection("127.0.0.1:1", Map.of()),
            options(Map.of("enable.auto.commit", "true")));

    IllegalArgumentException refusal =
        assertThrows(IllegalArgumentException.class, () -> factory.create(context()));

    assertTrue(refusal.getMessage().contains("enable.auto.commit"), refusal.getMessage());
  }
}
