package dev.millrace.worker.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.triggers.testing.KafkaBroker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker is killed with -9 in the middle of 20,000 Kafka events and started again. Its function
 * publishes each event to a second topic, which is then read as the history.
 */
class WorkerCrashIT {

  private static final Logger LOG = LoggerFactory.getLogger(WorkerCrashIT.class);

  private static final int EVENTS = 20_000;
  private static final int KEYS = 200;
  private static final int IN_FLIGHT = 500;

  /** The trigger commits each second; the commit's own way takes time on a loaded machine. */
  private static final long COMMIT_MILLIS = 2_000;

  @TempDir private Path directory;

  private final String input = "in-" + UUID.randomUUID();
  private final String output = "out-" + UUID.randomUUID();
  private final History history = new History();
  private final Set<Integer> done = new HashSet<>();
  private KafkaConsumer<String, String> reader;

  @BeforeEach
  void prepare() throws Exception {
    NumberedRecords.createTopics(input, output);
    NumberedRecords.send(input, EVENTS, WorkerCrashIT::key, history);
    writeManifest();
    reader = NumberedRecords.reader(output, "read_uncommitted");
  }

  @AfterEach
  void close() {
    reader.close();
  }

  @Test
  void losesNothingAndKeepsTheOrderOfKeysOverKills() throws Exception {
    long seed = Long.getLong("millrace.chaos.seed", System.nanoTime());
    LOG.atInfo().addKeyValue("seed", seed).log("crash test");
    SplittableRandom random = new SplittableRandom(seed);
    for (int kill = 1; kill <= 2; kill++) {
      try (WorkerProcess worker = WorkerProcess.start(directory)) {
        int next = Math.min(done.size() + 2_000 + random.nextInt(5_000), EVENTS);
        worker.await(next, done::size, this::read);
        worker.kill();
        long at = System.currentTimeMillis();
        history.add(new History.Disturbance("kill -9", at, at));
      }
    }
    try (WorkerProcess worker = WorkerProcess.start(directory)) {
      worker.await(EVENTS, done::size, this::read);
      worker.terminate();
      assertEquals(0, worker.exitCode(Duration.ofSeconds(60)), "exit code after SIGTERM");
    }
    readWhatIsLeft();

    history.write(Path.of("target", "chaos", "worker-crash-" + seed + ".txt"));
    assertEquals(List.of(), new HistoryChecker(IN_FLIGHT, COMMIT_MILLIS).check(history));
    assertTrue(committed(), "after a drain every offset is committed");
  }

  private static String key(int number) {
    return "k" + number % KEYS;
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
            kafka: { connection: events, topics: [%s], group: %s, order: key }
            function: echo
            max_in_flight: %d
            publish: { to: events/%s }
        """
            .formatted(KafkaBroker.bootstrap(), module, input, "g-" + input, IN_FLIGHT, output));
  }

  private void readWhatIsLeft() {
    while (read() > 0) {
      // once more
    }
  }

  private int read() {
    int count = 0;
    for (ConsumerRecord<String, String> effect : reader.poll(Duration.ofMillis(500))) {
      int number = Integer.parseInt(effect.value());
      done.add(number);
      history.add(new History.Effect(effect.key(), number, effect.timestamp()));
      count++;
    }
    return count;
  }

  private boolean committed() throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", KafkaBroker.bootstrap()))) {
      long committed =
          admin
              .listConsumerGroupOffsets("g-" + input)
              .partitionsToOffsetAndMetadata()
              .get()
              .values()
              .stream()
              .mapToLong(offset -> offset.offset())
              .sum();
      return committed == EVENTS;
    }
  }
}
