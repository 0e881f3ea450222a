package dev.millrace.worker.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.triggers.testing.KafkaBroker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The process of a worker with {@code exactly_once} is killed with -9 in the middle of its
 * transactions, again and again: a reader of committed records sees one result of each event, and
 * one that reads everything sees that some ran more than once.
 */
class ExactlyOnceCrashIT {

  private static final Logger LOG = LoggerFactory.getLogger(ExactlyOnceCrashIT.class);

  private static final int EVENTS = 6_000;
  private static final int KILLS = 3;

  private final String input = "in-" + UUID.randomUUID();
  private final String output = "out-" + UUID.randomUUID();

  @TempDir private Path directory;

  @Test
  void eachEventHasOneResultHoweverOftenTheProcessDies() throws Exception {
    long seed = Long.getLong("millrace.chaos.seed", System.nanoTime());
    LOG.atInfo().addKeyValue("seed", seed).log("crash test");
    SplittableRandom random = new SplittableRandom(seed);
    NumberedRecords.createTopics(input, output);
    NumberedRecords.send(input, EVENTS, number -> "k" + number % 100);
    writeManifest();

    try (KafkaConsumer<String, String> all = NumberedRecords.reader(output, "read_uncommitted");
        KafkaConsumer<String, String> committed =
            NumberedRecords.reader(output, "read_committed")) {
      Map<Integer, Integer> ran = new TreeMap<>();
      for (int kill = 1; kill <= KILLS; kill++) {
        try (WorkerProcess worker = WorkerProcess.start(directory)) {
          int next = Math.min(ran.size() + 200 + random.nextInt(1_000), EVENTS);
          worker.await(next, ran::size, () -> read(all, ran));
          worker.kill();
        }
      }
      Map<Integer, Integer> results = new TreeMap<>();
      try (WorkerProcess worker = WorkerProcess.start(directory)) {
        worker.await(EVENTS, results::size, () -> read(committed, results));
        worker.terminate();
        assertEquals(0, worker.exitCode(Duration.ofSeconds(60)), "exit code after SIGTERM");
      }
      readToTheEnd(committed, results);
      readToTheEnd(all, ran);

      Map<Integer, Integer> repeated = new TreeMap<>(results);
      repeated.values().removeIf(count -> count == 1);
      assertEquals(Map.of(), repeated, "results that are there more than once, seed " + seed);
      assertEquals(EVENTS, results.size(), "events with a result, seed " + seed);
      assertTrue(
          ran.values().stream().anyMatch(count -> count > 1), "none ran twice: this is no test");
    }
  }

  private void writeManifest() throws Exception {
    Path module = Path.of("src", "test", "resources", "wasm", "echo.wasm").toAbsolutePath();
    Files.writeString(
        directory.resolve("millrace.yaml"),
        """
        millrace: 1
        app: { name: crash }
        admin: { enabled: false }
        connections:
          events:
            kafka:
              bootstrap: "%s"
              properties: { transaction.timeout.ms: "10000" }
        functions:
          echo: { wasm: %s }
        triggers:
          orders:
            kafka:
              { connection: events, topics: [%s], group: %s, order: key, exactly_once: true }
            function: echo
            publish: { to: events/%s }
        """
            .formatted(KafkaBroker.bootstrap(), module, input, "g-" + input, output));
  }

  private static void readToTheEnd(
      KafkaConsumer<String, String> reader, Map<Integer, Integer> counts) {
    Map<TopicPartition, Long> ends = reader.endOffsets(reader.assignment());
    while (ends.entrySet().stream().anyMatch(e -> reader.position(e.getKey()) < e.getValue())) {
      read(reader, counts);
    }
  }

  private static void read(KafkaConsumer<String, String> reader, Map<Integer, Integer> counts) {
    for (ConsumerRecord<String, String> result : reader.poll(Duration.ofMillis(100))) {
      counts.merge(Integer.parseInt(result.value()), 1, Integer::sum);
    }
  }
}
