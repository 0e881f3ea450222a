package dev.millrace.triggers.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.triggers.Order;
import dev.millrace.triggers.Settlement;
import dev.millrace.triggers.TriggerContext;
import dev.millrace.triggers.kafka.KafkaTriggerOptions.Start;
import dev.millrace.triggers.kafka.Membership.Protocol;
import dev.millrace.triggers.testing.FakeIntake;
import dev.millrace.triggers.testing.FakeSignals;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.RetriableCommitFailedException;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Histories made of random events: records with gaps, settlements in any order, little room, failed
 * commits, rebalances, lost partitions, crashes, damaged commit texts. Whatever happens, no commit
 * passes an unfinished record, only finished records are skipped, and in the end all are finished.
 */
class PollLoopSimulationTest {

  private static final TopicPartition ZERO = new TopicPartition("orders", 0);
  private static final int HISTORIES = 150;
  private static final int STEPS = 120;

  private static final KafkaTiming TIMING =
      new KafkaTiming(
          Duration.ofNanos(1),
          Duration.ofMillis(10),
          Duration.ofNanos(1),
          Duration.ofSeconds(1),
          Duration.ofHours(1),
          Duration.ofHours(1),
          Duration.ofHours(1));

  @Test
  void noHistoryLosesARecord() {
    long seed = System.nanoTime();
    for (int i = 0; i < HISTORIES; i++) {
      new History(seed + i).run();
    }
  }

  private static final class History {
    private final long seed;
    private final Random random;
    private final TreeSet<Long> log = new TreeSet<>();
    private final TreeSet<Long> acknowledged = new TreeSet<>();
    private final FakeIntake intake = FakeIntake.unbounded();
    private final FakeSignals signals = new FakeSignals();
    private @Nullable OffsetAndMetadata committed;
    private long end;
    private long fed;
    private long nanos;
    private FaultyConsumer consumer = new FaultyConsumer();
    private PollLoop loop;

    History(long seed) {
      this.seed = seed;
      this.random = new Random(seed);
      this.loop = open();
    }

    private PollLoop open() {
      consumer = new FaultyConsumer();
      consumer.updateBeginningOffsets(Map.of(ZERO, 0L));
      consumer.updateEndOffsets(Map.of(ZERO, end));
      if (committed != null) {
        consumer.committedBefore(ZERO, committed);
      }
      TriggerContext context = new TriggerContext("orders", intake, signals, Clock.systemUTC());
      KafkaTriggerOptions options =
          new KafkaTriggerOptions(
              List.of("orders"),
              Optional.empty(),
              Membership.of("group", Protocol.CONSUMER),
              Start.EARLIEST,
              Order.NONE,
              false,
              Map.of());
      PollLoop made =
          new PollLoop(
              context,
              options,
              TIMING,
              () -> nanos += 1_000,
              KafkaLink.of(consumer),
              new StartPositions(Start.EARLIEST, TIMING.request(), Instant.EPOCH),
              new StatusBoard(context));
      made.subscribe();
      consumer.updatePartitions(
          "orders", List.of(new PartitionInfo("orders", 0, null, new Node[0], new Node[0])));
      return made;
    }

    void run() {
      for (int step = 0; step < STEPS; step++) {
        happen();
        check();
      }
      finish();
    }

    private void happen() {
      switch (random.nextInt(12)) {
        case 0, 1, 2 -> append(1 + random.nextInt(8));
        case 3, 4, 5 -> settleSome();
        case 6 -> intake.setCapacity(random.nextInt(12));
        case 7 -> nanos += TIMING.commit().toNanos();
        case 8 -> consumer.commitFailure = new RetriableCommitFailedException("away");
        case 9 -> consumer.commitFailure = null;
        case 10 -> changeAssignment();
        default -> restart();
      }
      step(random.nextInt(10) == 0);
    }

    private void append(int count) {
      for (int i = 0; i < count; i++) {
        end += random.nextInt(6) == 0 ? 1 + random.nextInt(5) : 0;
        log.add(end);
        end++;
      }
    }

    private void settleSome() {
      for (FakeIntake.Offered offered : intake.held()) {
        if (random.nextInt(3) > 0) {
          boolean released = random.nextInt(8) == 0;
          if (!released) {
            acknowledged.add(offset(offered));
          }
          offered.settle(released ? Settlement.RELEASED : Settlement.DONE);
        }
      }
    }

    private static long offset(FakeIntake.Offered offered) {
      String id = offered.event().id();
      return Long.parseLong(id.substring(id.lastIndexOf('/') + 1));
    }

    private void changeAssignment() {
      boolean lost = random.nextBoolean();
      if (consumer.assignment().isEmpty()) {
        consumer.schedulePollTask(() -> consumer.rebalance(List.of(ZERO)));
      } else if (lost) {
        consumer.schedulePollTask(
            () -> {
              loop.onPartitionsLost(List.of(ZERO));
              consumer.rebalance(List.of());
            });
      } else {
        consumer.schedulePollTask(() -> consumer.rebalance(List.of()));
      }
    }

    /** The worker ends, in order or not, and another one starts. */
    private void restart() {
      if (random.nextBoolean()) {
        loop.close();
      }
      remember();
      if (committed != null && random.nextInt(4) == 0) {
        committed = new OffsetAndMetadata(committed.offset(), "damaged");
      }
      loop = open();
    }

    private void step(boolean hold) {
      if (!consumer.assignment().isEmpty()) {
        feed();
      }
      loop.step(hold);
      remember();
    }

    /** Gives the mock what follows; a new assignment begins where the loop sought to. */
    private void feed() {
      if (consumer.sought >= 0) {
        fed = consumer.sought;
        consumer.sought = -1;
      }
      for (long offset : log.tailSet(fed)) {
        consumer.addRecord(new ConsumerRecord<>("orders", 0, offset, null, new byte[1]));
      }
      fed = end;
    }

    private void remember() {
      OffsetAndMetadata last = consumer.lastCommit(ZERO);
      if (last != null) {
        committed = last;
      }
    }

    private void check() {
      if (committed == null) {
        return;
      }
      TreeSet<Long> claimed = new TreeSet<>(log.headSet(committed.offset()));
      for (OffsetRange range :
          CommitMetadata.decode(committed.offset(), committed.metadata()).orElseGet(List::of)) {
        claimed.addAll(log.subSet(range.first(), range.end()));
      }
      claimed.removeAll(acknowledged);
      assertTrue(claimed.isEmpty(), "committed but not finished: " + claimed + ", seed " + seed);
    }

    private void finish() {
      intake.setCapacity(Integer.MAX_VALUE);
      consumer.commitFailure = null;
      restart();
      consumer.schedulePollTask(() -> consumer.rebalance(List.of(ZERO)));
      for (int round = 0; round < 6; round++) {
        nanos += TIMING.commit().toNanos();
        step(false);
        for (FakeIntake.Offered offered : intake.held()) {
          acknowledged.add(offset(offered));
          offered.settle(Settlement.DONE);
        }
        check();
      }
      assertEquals(log, acknowledged, "seed " + seed);
      assertEquals(end, committed == null ? 0 : committed.offset(), "seed " + seed);
      assertEquals(List.of(), signals.losses(), "seed " + seed);
    }
  }
}
