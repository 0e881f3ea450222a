package dev.millrace.worker.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.triggers.testing.KafkaBroker;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
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
  private static final int PARTITIONS = 4;
  private static final int KILLS = 3;
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private final String input = "in-" + UUID.randomUUID();
  private final String output = "out-" + UUID.randomUUID();

  @TempDir private Path directory;

  @Test
  void eachEventHasOneResultHoweverOftenTheProcessDies() throws Exception {
    long seed = Long.getLong("millrace.chaos.seed", System.nanoTime());
    LOG.atInfo().addKeyValue("seed", seed).log("crash test");
    SplittableRandom random = new SplittableRandom(seed);
    createTopics();
    produce();
    writeManifest();

    try (KafkaConsumer<String, String> all = reader("read_uncommitted");
        KafkaConsumer<String, String> committed = reader("read_committed")) {
      Map<Integer, Integer> ran = new TreeMap<>();
      for (int kill = 1; kill <= KILLS; kill++) {
        try (WorkerProcess worker = WorkerProcess.start(directory)) {
          readUntil(all, ran, ran.size() + 200 + random.nextInt(1_000), worker);
          worker.kill();
        }
      }
      Map<Integer, Integer> results = new TreeMap<>();
      try (WorkerProcess worker = WorkerProcess.start(directory)) {
        readUntil(committed, results, EVENTS, worker);
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

  private void createTopics() throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", KafkaBroker.bootstrap()))) {
      admin
          .createTopics(
              List.of(
                  new NewTopic(input, PARTITIONS, (short) 1),
                  new NewTopic(output, PARTITIONS, (short) 1)))
          .all()
          .get();
    }
  }

  private void produce() throws Exception {
    List<Future<RecordMetadata>> sent = new ArrayList<>(EVENTS);
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(
            Map.of(
                "bootstrap.servers",
                KafkaBroker.bootstrap(),
                "linger.ms",
                20,
                "max.in.flight.requests.per.connection",
                1),
            new StringSerializer(),
            new StringSerializer())) {
      for (int i = 0; i < EVENTS; i++) {
        sent.add(producer.send(new ProducerRecord<>(input, "k" + i % 100, String.valueOf(i))));
      }
      for (Future<RecordMetadata> confirmation : sent) {
        confirmation.get();
      }
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

  private KafkaConsumer<String, String> reader(String isolation) {
    KafkaConsumer<String, String> reader =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", KafkaBroker.bootstrap(), "isolation.level", isolation),
            new StringDeserializer(),
            new StringDeserializer());
    List<TopicPartition> partitions =
        IntStream.range(0, PARTITIONS).mapToObj(p -> new TopicPartition(output, p)).toList();
    reader.assign(partitions);
    reader.seekToBeginning(partitions);
    return reader;
  }

  /** Reads until so many different events have a result. */
  private void readUntil(
      KafkaConsumer<String, String> reader,
      Map<Integer, Integer> counts,
      int events,
      WorkerProcess worker)
      throws Exception {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (counts.size() < Math.min(events, EVENTS)) {
      if (!worker.isRunning()) {
        throw new AssertionError("the worker ended:\n" + log());
      }
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("only " + counts.size() + " events have a result:\n" + log());
      }
      read(reader, counts);
    }
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

  private String log() throws Exception {
    String log = Files.readString(directory.resolve("worker.log"), StandardCharsets.UTF_8);
    return log.substring(Math.max(0, log.length() - 4_000));
  }
}
