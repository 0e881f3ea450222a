package dev.millrace.worker.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.triggers.testing.KafkaBroker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker that reads a Kafka topic as a queue is killed with -9 in the middle of it, and started
 * again. Its function publishes each event to a second topic, which is then read as the history.
 */
class QueueCrashIT {

  private static final Logger LOG = LoggerFactory.getLogger(QueueCrashIT.class);

  private static final int EVENTS = 4_000;
  private static final int KILLS = 2;

  /** Two members with a batch of sixteen each. */
  private static final int IN_FLIGHT = 2 * 16;

  /** A batch is acknowledged as a whole, when its last event is settled. */
  private static final long ACKNOWLEDGE_MILLIS = 2_000;

  private final String input = "in-" + UUID.randomUUID();
  private final String output = "out-" + UUID.randomUUID();
  private final History history = new History();
  private final Set<Integer> done = new HashSet<>();

  @TempDir private Path directory;

  @Test
  void losesNoRecordOfAQueueOverKills() throws Exception {
    long seed = Long.getLong("millrace.chaos.seed", System.nanoTime());
    LOG.atInfo().addKeyValue("seed", seed).log("crash test");
    SplittableRandom random = new SplittableRandom(seed);
    NumberedRecords.createTopics(input, output);
    NumberedRecords.send(input, EVENTS, QueueCrashIT::key, history);
    writeManifest();
    try (KafkaConsumer<String, String> reader =
        NumberedRecords.reader(output, "read_uncommitted")) {
      for (int kill = 1; kill <= KILLS; kill++) {
        try (WorkerProcess worker = WorkerProcess.start(directory)) {
          int next = Math.min(done.size() + 200 + random.nextInt(1_000), EVENTS);
          worker.await(next, done::size, () -> read(reader));
          worker.kill();
          long at = System.currentTimeMillis();
          history.add(new History.Disturbance("kill -9", at, at));
        }
      }
      try (WorkerProcess worker = WorkerProcess.start(directory)) {
        worker.await(EVENTS, done::size, () -> read(reader));
        worker.terminate();
        assertEquals(0, worker.exitCode(Duration.ofSeconds(60)), "exit code after SIGTERM");
      }
      while (read(reader) > 0) {
        // once more
      }
    }
    history.write(Path.of("target", "chaos", "queue-crash-" + seed + ".txt"));
    assertEquals(List.of(), new HistoryChecker(IN_FLIGHT, ACKNOWLEDGE_MILLIS).check(history));
  }

  /** A queue keeps no order: each record is a key of its own. */
  private static String key(int number) {
    return "record-" + number;
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
          events: { kafka: { bootstrap: "%s" } }
        functions:
          echo: { wasm: %s }
        triggers:
          orders:
            kafka: { connection: events, topics: [%s], group: %s, mode: queue }
            function: echo
            publish: { to: events/%s }
        """
            .formatted(KafkaBroker.bootstrap(), module, input, "g-" + input, output));
  }

  private int read(KafkaConsumer<String, String> reader) {
    int count = 0;
    for (ConsumerRecord<String, String> effect : reader.poll(Duration.ofMillis(500))) {
      int number = Integer.parseInt(effect.value());
      done.add(number);
      history.add(new History.Effect(key(number), number, effect.timestamp()));
      count++;
    }
    return count;
  }
}
