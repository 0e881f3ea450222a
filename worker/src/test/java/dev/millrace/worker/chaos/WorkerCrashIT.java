package dev.millrace.worker.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.triggers.testing.KafkaBroker;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
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
  private static final int PARTITIONS = 4;
  private static final int IN_FLIGHT = 500;

  /** The trigger commits each second; the commit's own way takes time on a loaded machine. */
  private static final long COMMIT_MILLIS = 2_000;

  private static final Duration LIMIT = Duration.ofMinutes(4);

  @TempDir private Path directory;

  private final String input = "in-" + UUID.randomUUID();
  private final String output = "out-" + UUID.randomUUID();
  private final History history = new History();
  private final Set<Integer> done = new HashSet<>();
  private KafkaConsumer<String, String> reader;

  @BeforeEach
  void prepare() throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", KafkaBroker.bootstrap()))) {
      admin
          .createTopics(
              List.of(
                  new NewTopic(input, PARTITIONS, (short) 1),
                  new NewTopic(output, PARTITIONS, (short) 1)))
          .all()
          .get();
    }
    produce();
    writeManifest();
    reader =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", KafkaBroker.bootstrap()),
            new StringDeserializer(),
            new StringDeserializer());
    List<TopicPartition> partitions =
        IntStream.range(0, PARTITIONS).mapToObj(p -> new TopicPartition(output, p)).toList();
    reader.assign(partitions);
    reader.seekToBeginning(partitions);
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
        readUntil(done.size() + 2_000 + random.nextInt(5_000), worker);
        worker.kill();
        long at = System.currentTimeMillis();
        history.add(new History.Disturbance("kill -9", at, at));
      }
    }
    try (WorkerProcess worker = WorkerProcess.start(directory)) {
      readUntil(EVENTS, worker);
      worker.terminate();
      assertEquals(0, worker.exitCode(Duration.ofSeconds(60)), "exit code after SIGTERM");
    }
    readWhatIsLeft();

    history.write(Path.of("target", "chaos", "worker-crash-" + seed + ".txt"));
    assertEquals(List.of(), new HistoryChecker(IN_FLIGHT, COMMIT_MILLIS).check(history));
    assertTrue(committed(), "after a drain every offset is committed");
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
        sent.add(producer.send(new ProducerRecord<>(input, key(i), String.valueOf(i))));
      }
      for (int i = 0; i < EVENTS; i++) {
        RecordMetadata confirmed = sent.get(i).get();
        history.add(
            new History.Sent(
                key(i),
                i,
                confirmed.partition(),
                confirmed.offset(),
                History.Expected.EFFECT,
                String.valueOf(i)));
      }
    }
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

  /** Reads effects until so many different events have taken effect. */
  private void readUntil(int events, WorkerProcess worker) throws Exception {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (done.size() < Math.min(events, EVENTS)) {
      if (!worker.isRunning()) {
        throw new AssertionError("the worker ended:\n" + log());
      }
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("only " + done.size() + " events took effect:\n" + log());
      }
      read();
    }
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

  private String log() throws Exception {
    String log = Files.readString(directory.resolve("worker.log"), StandardCharsets.UTF_8);
    return log.substring(Math.max(0, log.length() - 4_000));
  }
}
