package dev.millrace.triggers.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.abi.Event;
import dev.millrace.abi.Message;
import dev.millrace.triggers.Order;
import dev.millrace.triggers.Settlement;
import dev.millrace.triggers.TriggerContext;
import dev.millrace.triggers.kafka.KafkaTriggerOptions.Start;
import dev.millrace.triggers.kafka.Membership.Protocol;
import dev.millrace.triggers.testing.FakeIntake;
import dev.millrace.triggers.testing.FakeSignals;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/** Interleavings of settlements, transactions and rebalances, over Kafka's own mock clients. */
class TransactionalCommitterTest {

  private static final TopicPartition ZERO = new TopicPartition("orders", 0);
  private static final TopicPartition ONE = new TopicPartition("orders", 1);
  private static final KafkaTiming TIMING =
      new KafkaTiming(
          Duration.ofMillis(5),
          Duration.ofSeconds(1),
          Duration.ofMillis(50),
          Duration.ofSeconds(1),
          Duration.ofSeconds(3),
          Duration.ofSeconds(20),
          Duration.ofHours(1));

  private final FaultyConsumer consumer = new FaultyConsumer();
  private final RefusingProducer producer = new RefusingProducer();
  private final FakeIntake intake =
      FakeIntake.unbounded().publishing(TransactionalCommitterTest::result);
  private final TriggerContext context =
      new TriggerContext("orders", intake, new FakeSignals(), Clock.systemUTC());
  private long skippedNanos;
  private final PollLoop loop = loop();

  /**
   * Sends what it is given when the transaction ends, as a client does that fills batches. Once a
   * message is refused, all others that were not sent yet fail with the same exception.
   */
  private static final class RefusingProducer extends MockProducer<byte[], byte[]> {

    private record Given(ProducerRecord<byte[], byte[]> message, Callback callback) {}

    private final List<Given> given = new ArrayList<>();
    private final Map<String, RuntimeException> refusals = new HashMap<>();

    RefusingProducer() {
      super(true, null, new ByteArraySerializer(), new ByteArraySerializer());
    }

    void refuse(String result, RuntimeException reason) {
      refusals.put(result, reason);
    }

    @Override
    public synchronized Future<RecordMetadata> send(
        ProducerRecord<byte[], byte[]> message, Callback callback) {
      given.add(new Given(message, callback));
      return new CompletableFuture<>();
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // the callback is told
    public void commitTransaction() {
      for (int i = 0; i < given.size(); i++) {
        RuntimeException reason =
            refusals.get(new String(given.get(i).message().value(), StandardCharsets.UTF_8));
        if (reason != null) {
          given.subList(i, given.size()).forEach(it -> it.callback().onCompletion(null, reason));
          throw new KafkaException("in an error state", reason);
        }
        super.send(given.get(i).message(), given.get(i).callback());
      }
      given.clear();
      super.commitTransaction();
    }

    @Override
    public void abortTransaction() {
      given.clear();
      super.abortTransaction();
    }
  }

  private static List<Message> result(Event event) {
    return List.of(
        new Message(
            "events/charged", null, List.of(), event.id().getBytes(StandardCharsets.UTF_8)));
  }

  private PollLoop loop() {
    producer.initTransactions();
    PollLoop made =
        new PollLoop(
            context,
            new KafkaTriggerOptions(
                List.of("orders"),
                Optional.empty(),
                Membership.of("group", Protocol.CONSUMER),
                Start.EARLIEST,
                Order.NONE,
                true,
                Map.of()),
            TIMING,
            () -> System.nanoTime() + skippedNanos,
            new KafkaLink(consumer, Optional.of(new KafkaLink.Transactions("events", producer))),
            new StartPositions(Start.EARLIEST, TIMING.request(), Instant.EPOCH),
            new StatusBoard(context));
    made.subscribe();
    consumer.updatePartitions(
        "orders", List.of(new PartitionInfo("orders", 0, null, new Node[0], new Node[0])));
    consumer.updateBeginningOffsets(Map.of(ZERO, 0L, ONE, 0L));
    consumer.updateEndOffsets(Map.of(ZERO, 1_000L, ONE, 1_000L));
    return made;
  }

  private void rebalance(TopicPartition... partitions) {
    consumer.schedulePollTask(() -> consumer.rebalance(List.of(partitions)));
    loop.step(false);
  }

  private void receive(TopicPartition partition, long... offsets) {
    for (long offset : offsets) {
      consumer.addRecord(
          new ConsumerRecord<>(
              partition.topic(), partition.partition(), offset, null, new byte[] {1}));
    }
    loop.step(false);
    loop.step(false);
  }

  private void settle(long offset) {
    intake.settleHeld(event -> event.id().endsWith("/" + offset), Settlement.DONE);
  }

  private void commitRound() {
    skippedNanos += TransactionalCommitter.INTERVAL.toNanos();
    loop.step(false);
  }

  private List<String> results() {
    return producer.history().stream()
        .map(record -> new String(record.value(), StandardCharsets.UTF_8))
        .toList();
  }

  private OffsetAndMetadata committed(TopicPartition partition) {
    return producer.consumerGroupOffsetsHistory().stream()
        .flatMap(offsets -> offsets.values().stream())
        .filter(offsets -> offsets.containsKey(partition))
        .reduce((first, second) -> second)
        .orElseThrow()
        .get(partition);
  }

  @Test
  void resultsAndPositionsAreCommittedAsOne() {
    rebalance(ZERO);
    receive(ZERO, 0, 1, 2, 3);
    settle(0);
    settle(2);
    loop.step(false);
    assertEquals(List.of(), results(), "nothing is there before the commit");

    commitRound();

    assertEquals(List.of("kafka:orders/0/0", "kafka:orders/0/2"), results());
    assertEquals(1, committed(ZERO).offset());
    assertEquals(
        Optional.of(List.of(new OffsetRange(2, 3))),
        CommitMetadata.decode(1, committed(ZERO).metadata()));
    assertEquals(List.of(), consumer.commits, "the consumer commits nothing by itself");
  }

  @Test
  void whatNeedsNoResultIsCommittedTooAndNothingNewIsNot() {
    rebalance(ZERO);
    commitRound();
    assertEquals(0, committed(ZERO).offset());
    long commits = producer.commitCount();

    commitRound();
    commitRound();

    assertEquals(commits, producer.commitCount());
  }

  /** Known to be able to fail: where {@code onPartitionsLost} does not tell the committer. */
  @Test
  void resultsOfALostPartitionAreNotCommitted() {
    rebalance(ZERO);
    commitRound();
    receive(ZERO, 0, 1);
    settle(0);
    loop.step(false);
    consumer.schedulePollTask(() -> loop.onPartitionsLost(List.of(ZERO)));
    loop.step(false);

    commitRound();

    assertTrue(producer.transactionAborted());
    assertEquals(List.of(), results());
    assertEquals(0, committed(ZERO).offset());
  }

  @Test
  void aTransactionThatFailsIsAbortedAndItsEventsComeAgain() {
    rebalance(ZERO);
    commitRound();
    consumer.committedBefore(ZERO, committed(ZERO));
    receive(ZERO, 0, 1);
    settle(0);
    producer.commitTransactionException = new TimeoutException("a batch expired");
    RetriableException trouble = assertThrows(RetriableException.class, this::commitRound);
    assertTrue(trouble.getMessage().contains("a batch expired"), trouble.getMessage());
    producer.commitTransactionException = null;
    loop.step(false);

    receive(ZERO, 0, 1);
    assertEquals(4, intake.events().size(), intake.ids().toString());
    intake.settleHeld(Settlement.DONE);
    commitRound();

    assertEquals(List.of("kafka:orders/0/0", "kafka:orders/0/1"), results());
    assertEquals(2, committed(ZERO).offset());
  }

  /** Runs what comes until a transaction is committed, and tells how many were aborted. */
  private int abortsUntilCommitted(long... offsets) {
    rebalance(ZERO);
    commitRound();
    consumer.committedBefore(ZERO, committed(ZERO));
    intake.settlingAll();
    long before = producer.commitCount();
    for (int aborts = 0; aborts <= offsets.length; aborts++) {
      receive(ZERO, offsets);
      commitRound();
      if (producer.commitCount() > before) {
        return aborts;
      }
      loop.step(false);
    }
    return Assertions.fail("nothing was committed after " + offsets.length + " aborts");
  }

  /** Known to be able to fail: where each message that fails is taken for a refused one. */
  @Test
  void whatFailsOnlyBecauseOfARefusedResultIsSentAgain() {
    producer.refuse("kafka:orders/0/1", new RecordTooLargeException("5 MB"));

    assertEquals(1, abortsUntilCommitted(0, 1, 2, 3));

    assertEquals(List.of("kafka:orders/0/0", "kafka:orders/0/2", "kafka:orders/0/3"), results());
    assertEquals(4, committed(ZERO).offset());
  }

  /** Known to be able to fail: where a refusal is forgotten before its event's end is committed. */
  @Test
  void refusedResultsAreFoundOneAfterTheOther() {
    for (int offset : new int[] {0, 2, 3}) {
      producer.refuse("kafka:orders/0/" + offset, new RecordTooLargeException("5 MB"));
    }

    assertEquals(3, abortsUntilCommitted(0, 1, 2, 3));

    assertEquals(List.of("kafka:orders/0/1"), results());
    assertEquals(4, committed(ZERO).offset());
  }

  /** What is refused because of the topic is so for every message to it. */
  @Test
  void resultsOfATopicThatMayNotBeWrittenAreFoundAtOnce() {
    producer.refuse("kafka:orders/0/1", new TopicAuthorizationException(Set.of("charged")));

    assertEquals(1, abortsUntilCommitted(0, 1, 2, 3));

    assertEquals(List.of("kafka:orders/0/0"), results());
    assertEquals(4, committed(ZERO).offset());
  }

  @Test
  void aRebalanceThatFencesTheTransactionIsNoTrouble() {
    rebalance(ZERO);
    commitRound();
    receive(ZERO, 0);
    settle(0);
    producer.sendOffsetsToTransactionException = new CommitFailedException("not a member");
    commitRound();
    producer.sendOffsetsToTransactionException = null;
    loop.step(false);

    receive(ZERO, 0);
    intake.settleHeld(Settlement.DONE);
    commitRound();

    assertEquals(List.of("kafka:orders/0/0"), results());
  }

  @Test
  void aFencedProducerIsTheEndOfItsConsumerAndCommitsNothingMore() {
    rebalance(ZERO);
    commitRound();
    receive(ZERO, 0);
    settle(0);
    producer.fenceProducer();

    KafkaException end = assertThrows(KafkaException.class, this::commitRound);
    assertFalse(end instanceof RetriableException, "the same producer is never tried again");
    loop.close();

    assertEquals(0, committed(ZERO).offset());
    assertEquals(List.of(), results());
    assertTrue(consumer.closed());
    assertTrue(producer.closed());
  }

  @Test
  void aRevokedPartitionIsCommittedWithItsResultsBeforeItGoes() {
    rebalance(ZERO, ONE);
    receive(ZERO, 0);
    settle(0);

    rebalance(ONE);

    assertEquals(List.of("kafka:orders/0/0"), results());
    assertEquals(1, committed(ZERO).offset());
  }

  @Test
  void lateResultsOfAnEarlierAssignmentGoNowhere() {
    rebalance(ZERO);
    receive(ZERO, 0);
    FakeIntake.Offered late = intake.held().get(0);
    rebalance();
    rebalance(ZERO);

    late.settle(Settlement.DONE);
    commitRound();

    assertEquals(List.of(), results());
  }

  /**
   * The list of what is finished above the lowest open record must be whole, or a restart would
   * make results a second time.
   */
  @Test
  void holdsSoFewOpenRecordsThatTheListOfFinishedOnesIsWhole() {
    rebalance(ZERO);
    long[] offsets = new long[1_000];
    for (int i = 0; i < offsets.length; i++) {
      offsets[i] = 5_000_000_000L * i;
    }
    receive(ZERO, offsets);
    assertEquals(TransactionalCommitter.MOST_IN_FLIGHT, intake.held().size());
    for (int round = 0; round < 10; round++) {
      List<FakeIntake.Offered> held = intake.held();
      for (int i = 1; i < held.size(); i += 2) {
        held.get(i).settle(Settlement.DONE);
      }
      loop.step(false);
      loop.step(false);
    }
    commitRound();

    OffsetAndMetadata position = committed(ZERO);
    long finished =
        CommitMetadata.decode(position.offset(), position.metadata()).orElseThrow().stream()
            .flatMap(
                range ->
                    java.util.Arrays.stream(offsets)
                        .boxed()
                        .filter(o -> o >= range.first() && o < range.end()))
            .count();
    assertEquals(results().size(), finished, "each result's record is in the list");
  }
}
