package dev.millrace.triggers.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.triggers.Order;
import dev.millrace.triggers.Settlement;
import dev.millrace.triggers.TriggerContext;
import dev.millrace.triggers.TriggerStatus.State;
import dev.millrace.triggers.kafka.KafkaTriggerOptions.Start;
import dev.millrace.triggers.kafka.Membership.Protocol;
import dev.millrace.triggers.testing.FakeIntake;
import dev.millrace.triggers.testing.FakeSignals;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.clients.consumer.RetriableCommitFailedException;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.OffsetMetadataTooLarge;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * A catalogue of interleavings of polls, settlements, commits and rebalances, over Kafka's own mock
 * consumer. The test's thread is the poll thread, and each step is one round of the loop.
 */
class PollLoopTest {

  private static final TopicPartition ZERO = new TopicPartition("orders", 0);
  private static final TopicPartition ONE = new TopicPartition("orders", 1);

  private static final KafkaTiming TIMING =
      new KafkaTiming(
          Duration.ofMillis(5),
          Duration.ofSeconds(1),
          Duration.ofMillis(100),
          Duration.ofSeconds(1),
          Duration.ofSeconds(3),
          Duration.ofSeconds(20),
          Duration.ofHours(1));

  private final FaultyConsumer consumer = new FaultyConsumer();
  private final FakeIntake intake = FakeIntake.unbounded();
  private final FakeSignals signals = new FakeSignals();
  private final TriggerContext context =
      new TriggerContext("orders", intake, signals, Clock.systemUTC());
  private final StatusBoard board = new StatusBoard(context);
  private long skippedNanos;
  private PollLoop loop = loop(Order.NONE, Start.EARLIEST);

  private PollLoop loop(Order order, Start start) {
    KafkaTriggerOptions options =
        new KafkaTriggerOptions(
            List.of("orders"),
            Optional.empty(),
            Membership.of("group", Protocol.CONSUMER),
            start,
            order,
            false,
            Map.of());
    PollLoop made =
        new PollLoop(
            context,
            options,
            TIMING,
            () -> System.nanoTime() + skippedNanos,
            KafkaLink.of(consumer),
            new StartPositions(start, TIMING.request(), Instant.EPOCH),
            board);
    made.subscribe();
    consumer.updatePartitions(
        "orders", List.of(new PartitionInfo("orders", 0, null, new Node[0], new Node[0])));
    for (TopicPartition id : List.of(ZERO, ONE)) {
      consumer.updateBeginningOffsets(Map.of(id, 0L));
      consumer.updateEndOffsets(Map.of(id, 1_000L));
    }
    return made;
  }

  private void rebalance(TopicPartition... partitions) {
    consumer.schedulePollTask(() -> consumer.rebalance(List.of(partitions)));
    loop.step(false);
  }

  private void records(TopicPartition partition, long... offsets) {
    for (long offset : offsets) {
      consumer.addRecord(record(partition, offset, null));
    }
  }

  private static ConsumerRecord<byte[], byte[]> record(
      TopicPartition partition, long offset, @Nullable String key) {
    return new ConsumerRecord<>(
        partition.topic(),
        partition.partition(),
        offset,
        key == null ? null : key.getBytes(StandardCharsets.UTF_8),
        ("value " + offset).getBytes(StandardCharsets.UTF_8));
  }

  /** Two rounds: what the first receives, the second offers. */
  private void receive() {
    loop.step(false);
    loop.step(false);
  }

  private void settle(TopicPartition partition, long offset, Settlement how) {
    String id = "kafka:orders/" + partition.partition() + "/" + offset;
    intake.settleHeld(event -> event.id().equals(id), how);
  }

  private void commitRound() {
    skippedNanos += TIMING.commit().toNanos();
    loop.step(false);
  }

  private @Nullable Long committed(TopicPartition partition) {
    OffsetAndMetadata last = consumer.lastCommit(partition);
    return last == null ? null : last.offset();
  }

  private List<OffsetRange> finished(TopicPartition partition) {
    OffsetAndMetadata last = consumer.lastCommit(partition);
    return last.metadata().isEmpty()
        ? List.of()
        : CommitMetadata.decode(last.offset(), last.metadata()).orElseThrow();
  }

  @Test
  void commitsUpToTheFirstOpenOffsetAndTheFinishedOnesAboveIt() {
    rebalance(ZERO);
    records(ZERO, 0, 1, 2, 3, 4);
    receive();

    settle(ZERO, 0, Settlement.DONE);
    settle(ZERO, 1, Settlement.DEAD_LETTERED);
    settle(ZERO, 3, Settlement.DONE);
    commitRound();

    assertEquals(2, committed(ZERO));
    assertEquals(List.of(new OffsetRange(3, 4)), finished(ZERO));
  }

  @Test
  void doesNotCommitWhatIsReleased() {
    rebalance(ZERO);
    records(ZERO, 0, 1, 2);
    receive();

    settle(ZERO, 0, Settlement.DONE);
    settle(ZERO, 1, Settlement.RELEASED);
    settle(ZERO, 2, Settlement.PARKED);
    commitRound();

    assertEquals(1, committed(ZERO));
    assertEquals(List.of(new OffsetRange(2, 3)), finished(ZERO));
  }

  @Test
  void commitsOnlyWhenThereIsSomethingNew() {
    rebalance(ZERO);
    records(ZERO, 0);
    receive();
    settle(ZERO, 0, Settlement.DONE);
    commitRound();
    int commits = consumer.commits.size();

    commitRound();
    commitRound();

    assertEquals(commits, consumer.commits.size());
  }

  @Test
  void commitsTheFirstPositionSoThatARestartBeginsThere() {
    loop = loop(Order.NONE, Start.LATEST);
    rebalance(ZERO);

    commitRound();

    assertEquals(1_000, committed(ZERO));
  }

  @Test
  void aCommitThatFailsIsMadeAgain() {
    rebalance(ZERO);
    commitRound();
    records(ZERO, 0);
    receive();
    settle(ZERO, 0, Settlement.DONE);
    consumer.commitFailure = new RetriableCommitFailedException("the broker is away");
    commitRound();
    assertEquals(0, committed(ZERO));

    consumer.commitFailure = null;
    commitRound();

    assertEquals(1, committed(ZERO));
  }

  @Test
  void whatSettlesWhileACommitIsUnderWayIsCommittedNext() {
    rebalance(ZERO);
    commitRound();
    records(ZERO, 0, 1);
    receive();
    settle(ZERO, 0, Settlement.DONE);
    consumer.answersAsync = false;
    commitRound();
    settle(ZERO, 1, Settlement.DONE);
    commitRound();
    consumer.answer();
    assertEquals(1, committed(ZERO));

    consumer.answersAsync = true;
    commitRound();

    assertEquals(2, committed(ZERO));
  }

  @Test
  void goesOnWithoutTheFinishedSetWhereTheBrokerRefusesIt() {
    rebalance(ZERO);
    records(ZERO, 0, 1);
    receive();
    settle(ZERO, 1, Settlement.DONE);
    consumer.commitFailure = new OffsetMetadataTooLarge("too large");
    commitRound();

    consumer.commitFailure = null;
    commitRound();

    assertEquals(0, committed(ZERO));
    assertEquals("", consumer.lastCommit(ZERO).metadata());
  }

  @Test
  void skipsAfterARestartWhatWasFinished() {
    List<OffsetRange> finished = List.of(new OffsetRange(11, 13), new OffsetRange(14, 15));
    consumer.committedBefore(ZERO, new OffsetAndMetadata(10, CommitMetadata.encode(10, finished)));
    rebalance(ZERO);
    records(ZERO, 10, 11, 12, 13, 14, 15);
    receive();

    assertEquals(
        List.of("kafka:orders/0/10", "kafka:orders/0/13", "kafka:orders/0/15"), intake.ids());
    intake.settleHeld(Settlement.DONE);
    commitRound();
    assertEquals(16, committed(ZERO));
  }

  @Test
  void replaysWhenTheCommitsTextCannotBeRead() {
    consumer.committedBefore(ZERO, new OffsetAndMetadata(10, "written by another program"));
    rebalance(ZERO);
    records(ZERO, 10, 11);
    receive();

    assertEquals(List.of("kafka:orders/0/10", "kafka:orders/0/11"), intake.ids());
  }

  @Test
  void keepsTheFinishedSetOfARestartBeforeItsRecordsCameAgain() {
    consumer.committedBefore(
        ZERO,
        new OffsetAndMetadata(10, CommitMetadata.encode(10, List.of(new OffsetRange(20, 30)))));
    rebalance(ZERO);
    records(ZERO, 10, 11);
    receive();
    settle(ZERO, 10, Settlement.DONE);

    commitRound();

    assertEquals(11, committed(ZERO));
    assertEquals(List.of(new OffsetRange(20, 30)), finished(ZERO));
  }

  @Test
  void offsetsThatCompactionTookAreNoHoles() {
    rebalance(ZERO);
    records(ZERO, 3, 9, 500);
    receive();

    settle(ZERO, 9, Settlement.DONE);
    settle(ZERO, 3, Settlement.DONE);
    commitRound();
    assertEquals(500, committed(ZERO));
    settle(ZERO, 500, Settlement.DONE);
    commitRound();

    assertEquals(501, committed(ZERO));
  }

  @Test
  void aFullIntakePausesAndGoesOnPolling() {
    intake.setCapacity(1);
    rebalance(ZERO, ONE);
    records(ZERO, 0, 1);
    loop.step(false);
    loop.step(false);
    assertEquals(Set.of(ZERO, ONE), consumer.paused());

    records(ZERO, 2);
    loop.step(false);
    assertEquals(1, intake.events().size());
    settle(ZERO, 0, Settlement.DONE);
    loop.step(false);
    settle(ZERO, 1, Settlement.DONE);
    loop.step(false);
    loop.step(false);

    assertEquals(Set.of(), consumer.paused());
    assertEquals(3, intake.events().size());
  }

  @Test
  void roomThatComesInTimePausesNothing() {
    rebalance(ZERO);
    intake.setCapacity(1);
    intake.settlingAll();
    records(ZERO, 0, 1, 2, 3, 4, 5);

    receive();

    assertEquals(6, intake.events().size());
    assertEquals(List.of(), consumer.pauses);
  }

  @Test
  void aPartitionAssignedWhilePausedIsPausedTooAndResumedWithTheOthers() {
    intake.setCapacity(0);
    rebalance(ZERO);
    records(ZERO, 0);
    receive();
    assertEquals(Set.of(ZERO), consumer.paused());

    rebalance(ZERO, ONE);
    loop.step(false);
    assertEquals(Set.of(ZERO, ONE), consumer.paused());
    intake.setCapacity(10);
    loop.step(false);

    assertEquals(Set.of(), consumer.paused());
  }

  @Test
  void aPartitionThatComesBackAfterItWasPausedIsReadAgain() {
    intake.setCapacity(0);
    rebalance(ZERO);
    records(ZERO, 0);
    receive();
    rebalance();
    intake.setCapacity(10);
    rebalance(ZERO);

    records(ZERO, 0);
    receive();

    assertEquals(List.of("kafka:orders/0/0"), intake.ids());
  }

  @Test
  void offersNothingWhileHeldAndAllOfItAfterwards() {
    rebalance(ZERO);
    records(ZERO, 0, 1);
    loop.step(false);

    loop.step(true);
    loop.step(true);
    assertEquals(List.of(), intake.ids());
    assertEquals(State.PAUSED, board.status().state());
    loop.step(false);

    assertEquals(2, intake.ids().size());
    assertEquals(State.RUNNING, board.status().state());
  }

  /** With records of paused partitions at hand, Kafka's consumer does not wait: it would spin. */
  @Test
  void waitsOutsideTheConsumerWhileItIsHeld() {
    rebalance(ZERO);
    loop.step(false);
    assertEquals(TIMING.poll(), consumer.polled);

    loop.step(true);

    assertEquals(Duration.ZERO, consumer.polled);
  }

  @Test
  void aRevokedPartitionIsCommittedWhenItsEventsAreSettled() throws Exception {
    rebalance(ZERO, ONE);
    records(ZERO, 0);
    records(ONE, 0);
    receive();
    CountDownLatch settling = new CountDownLatch(1);
    Thread worker =
        new Thread(
            () -> {
              settling.countDown();
              settle(ZERO, 0, Settlement.DONE);
            });
    consumer.schedulePollTask(
        () -> {
          worker.start();
          consumer.rebalance(List.of(ONE));
        });

    loop.step(false);

    worker.join();
    assertEquals(0, settling.getCount());
    assertEquals(1, committed(ZERO));
  }

  @Test
  void aRevocationWaitsNoLongerThanTheLimitAndCommitsWhatIsFinished() {
    rebalance(ZERO);
    records(ZERO, 0, 1);
    receive();
    settle(ZERO, 0, Settlement.DONE);

    rebalance();

    assertEquals(1, committed(ZERO));
  }

  @Test
  void recordsNotOfferedYetGoWithTheirPartition() {
    intake.setCapacity(1);
    rebalance(ZERO, ONE);
    records(ZERO, 0, 1);
    records(ONE, 0);
    receive();
    rebalance(ONE);
    intake.setCapacity(10);

    receive();

    assertFalse(intake.ids().contains("kafka:orders/0/1"), intake.ids().toString());
    assertTrue(intake.ids().contains("kafka:orders/1/0"), intake.ids().toString());
  }

  @Test
  void aLostPartitionIsNotCommitted() {
    rebalance(ZERO);
    commitRound();
    records(ZERO, 0);
    receive();
    settle(ZERO, 0, Settlement.DONE);
    consumer.schedulePollTask(() -> loop.onPartitionsLost(List.of(ZERO)));
    loop.step(false);

    commitRound();

    assertEquals(0, committed(ZERO));
  }

  @Test
  void aLateSettlementOfAnEarlierAssignmentChangesNothingInTheNewOne() {
    rebalance(ZERO);
    records(ZERO, 0, 1);
    receive();
    FakeIntake.Offered late = intake.held().get(0);
    rebalance();
    rebalance(ZERO);
    records(ZERO, 0, 1);
    receive();

    late.settle(Settlement.DONE);
    commitRound();

    assertEquals(0, committed(ZERO), "the new assignment runs offset 0 itself");
    assertEquals(List.of(), finished(ZERO));
    intake.settleHeld(Settlement.DONE);
    commitRound();
    assertEquals(2, committed(ZERO));
  }

  @Test
  void manyRebalancesLeaveNoCountBehind() {
    for (int round = 0; round < 20; round++) {
      rebalance(ZERO, ONE);
      long next = round;
      records(ZERO, next);
      receive();
      intake.settleHeld(Settlement.DONE);
      rebalance(ONE);
      assertEquals(next + 1, committed(ZERO));
    }
    assertEquals(20, intake.events().size());
    assertEquals(Set.of(), consumer.paused());
  }

  @Test
  void aLogThatLostItsBeginningRaisesTheAlarmAndIsReadFromWhereItBegins() {
    consumer.committedBefore(ZERO, new OffsetAndMetadata(10, ""));
    rebalance(ZERO);
    consumer.updateBeginningOffsets(Map.of(ZERO, 50L));
    consumer.setPollException(new OffsetOutOfRangeException(Map.of(ZERO, 10L)));
    loop.step(false);

    records(ZERO, 50);
    receive();

    assertEquals(List.of("kafka:orders/0/50"), intake.ids());
    assertEquals(1, signals.losses().size());
    assertTrue(signals.losses().get(0).contains("no offset 10"), signals.losses().get(0));
    settle(ZERO, 50, Settlement.DONE);
    commitRound();
    assertEquals(51, committed(ZERO));
  }

  @Test
  void aLogThatWasMadeAnewIsReadFromTheDeclaredStart() {
    consumer.committedBefore(ZERO, new OffsetAndMetadata(5_000, ""));
    rebalance(ZERO);
    consumer.setPollException(new OffsetOutOfRangeException(Map.of(ZERO, 5_000L)));
    loop.step(false);

    records(ZERO, 0, 1);
    receive();

    assertEquals(List.of("kafka:orders/0/0", "kafka:orders/0/1"), intake.ids());
    assertEquals(1, signals.losses().size());
  }

  @Test
  void aFreshRecordAtAnOffsetUsedBeforeIsNotTakenForAnOldOne() {
    rebalance(ZERO);
    records(ZERO, 0, 1, 2);
    receive();
    intake.settleHeld(Settlement.DONE);
    loop.step(false);
    consumer.seek(ZERO, 1);
    records(ZERO, 1, 2);

    receive();

    assertEquals(5, intake.events().size());
    assertEquals(1, signals.losses().size());
    intake.settleHeld(Settlement.DONE);
    commitRound();
    assertEquals(3, committed(ZERO));
  }

  @Test
  void aFailingRecordKeepsNobodyElseFromBeingRead() {
    rebalance(ZERO);
    records(ZERO, 0);
    receive();
    for (int offset = 1; offset < 3_000; offset++) {
      records(ZERO, offset);
      loop.step(false);
      settle(ZERO, offset - 1L == 0 ? -1 : offset - 1L, Settlement.DONE);
    }
    receive();
    settle(ZERO, 2_999, Settlement.DONE);
    commitRound();

    assertEquals(3_000, intake.events().size());
    assertEquals(0, committed(ZERO));
    assertEquals(List.of(new OffsetRange(1, 3_000)), finished(ZERO));
  }

  @Test
  void recordsOfAKeyShareALaneWithinAPartition() {
    loop = loop(Order.KEY, Start.EARLIEST);
    rebalance(ZERO, ONE);
    consumer.addRecord(record(ZERO, 0, "a"));
    consumer.addRecord(record(ZERO, 1, "b"));
    consumer.addRecord(record(ZERO, 2, "a"));
    consumer.addRecord(record(ZERO, 3, null));
    consumer.addRecord(record(ONE, 0, "a"));
    receive();

    List<@Nullable Object> lanes =
        List.of("0/0", "0/1", "0/2", "1/0").stream()
            .map(
                id ->
                    intake.accepted().stream()
                        .filter(offered -> offered.event().id().endsWith(id))
                        .findFirst()
                        .orElseThrow()
                        .lane())
            .toList();
    assertNotNull(lanes.get(0));
    assertEquals(lanes.get(0), lanes.get(2));
    assertEquals(lanes.get(0).hashCode(), lanes.get(2).hashCode());
    assertFalse(lanes.get(0).equals(lanes.get(1)));
    assertFalse(lanes.get(0).equals(lanes.get(3)), "the same key in another partition");
    assertNull(laneOf("0/3"), "a record without a key has no order");
  }

  private @Nullable Object laneOf(String id) {
    return intake.accepted().stream()
        .filter(offered -> offered.event().id().endsWith(id))
        .findFirst()
        .orElseThrow()
        .lane();
  }

  @Test
  void recordsOfAPartitionShareALaneUnderPartitionOrder() {
    loop = loop(Order.PARTITION, Start.EARLIEST);
    rebalance(ZERO, ONE);
    consumer.addRecord(record(ZERO, 0, "a"));
    consumer.addRecord(record(ZERO, 1, null));
    consumer.addRecord(record(ONE, 0, "a"));
    receive();

    assertEquals(laneOf("0/0"), laneOf("0/1"));
    assertFalse(laneOf("0/0").equals(laneOf("1/0")));
  }

  @Test
  void closingCommitsWhatIsSettledAndLeavesTheGroup() {
    rebalance(ZERO);
    records(ZERO, 0, 1);
    receive();
    settle(ZERO, 0, Settlement.DONE);

    loop.close();

    assertEquals(1, committed(ZERO));
    assertTrue(consumer.closed());
  }

  @Test
  void closingBearsACommitThatFails() {
    rebalance(ZERO);
    records(ZERO, 0);
    receive();
    settle(ZERO, 0, Settlement.DONE);
    consumer.commitFailure = new RebalanceInProgressException("not now");

    loop.close();

    assertTrue(consumer.closed());
  }
}
