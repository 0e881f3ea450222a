package dev.millrace.triggers.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.triggers.kafka.KafkaTriggerOptions.Start;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class StartPositionsTest {

  private static final TopicPartition ZERO = new TopicPartition("orders", 0);
  private static final TopicPartition ONE = new TopicPartition("orders", 1);
  private static final Instant BEGAN = Instant.ofEpochMilli(5_000);

  private final Map<TopicPartition, OffsetAndTimestamp> firstSinceBegan = new HashMap<>();
  private final MockConsumer<byte[], byte[]> consumer =
      new MockConsumer<>("none") {
        @Override
        public Map<TopicPartition, OffsetAndTimestamp> offsetsForTimes(
            Map<TopicPartition, Long> times, Duration timeout) {
          Map<TopicPartition, OffsetAndTimestamp> found = new HashMap<>();
          times.forEach(
              (id, time) -> {
                assertEquals(BEGAN.toEpochMilli(), time);
                found.put(id, firstSinceBegan.get(id));
              });
          return found;
        }
      };

  private StartPositions positions(Start start) {
    consumer.updateBeginningOffsets(Map.of(ZERO, 3L, ONE, 0L));
    consumer.updateEndOffsets(Map.of(ZERO, 100L, ONE, 40L));
    return new StartPositions(start, Duration.ofSeconds(1), BEGAN);
  }

  @Test
  void earliestIsTheBeginning() {
    assertEquals(
        Map.of(ZERO, 3L, ONE, 0L), positions(Start.EARLIEST).of(consumer, Set.of(ZERO, ONE)));
  }

  @Test
  void latestIsTheEndAtTheFirstAssignment() {
    assertEquals(Map.of(ZERO, 100L), positions(Start.LATEST).of(consumer, Set.of(ZERO)));
  }

  @Test
  void latestSkipsNothingOfAPartitionThatAppearsLater() {
    StartPositions positions = positions(Start.LATEST);
    positions.of(consumer, Set.of(ZERO));
    firstSinceBegan.put(ONE, new OffsetAndTimestamp(7, 5_001));

    assertEquals(Map.of(ONE, 7L), positions.of(consumer, Set.of(ONE)));
  }

  @Test
  void latestIsTheEndOfAPartitionWithoutNewRecords() {
    StartPositions positions = positions(Start.LATEST);
    positions.of(consumer, Set.of());

    assertEquals(Map.of(ONE, 40L), positions.of(consumer, Set.of(ONE)));
  }

  @Test
  void latestReadsAllOfATopicThatDidNotExist() {
    StartPositions positions = positions(Start.LATEST);
    positions.missing("orders");

    assertEquals(Map.of(ZERO, 3L), positions.of(consumer, Set.of(ZERO)));
  }
}
