package dev.millrace.worker.chaos;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.triggers.testing.KafkaBroker;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every event fails, and all of them together are more than the worker's heap of 128 MiB. It
 * neither dies nor stands still.
 *
 * <p>{@code -Dmillrace.flood.events=150000} sends ten times as many.
 */
class FailingFloodIT {

  private static final int EVENTS = Integer.getInteger("millrace.flood.events", 15_000);
  private static final int BYTES = 10 * 1024;
  private static final int WAITING = 500;
  private static final String HEAP = "128m";
  private static final Duration LIMIT = Duration.ofMinutes(3 + EVENTS / 50_000);

  @TempDir private Path directory;

  private final History history = new History();
  private final BitSet seen = new BitSet();
  private String bootstrap;
  private ChaosTopics topics;
  private WorkerNode worker;

  @BeforeEach
  void prepare() throws Exception {
    bootstrap = KafkaBroker.bootstrap();
    topics = ChaosTopics.create(bootstrap);
    worker = new WorkerNode("one", directory, history);
  }

  @AfterEach
  void close() {
    worker.close();
  }

  @Test
  void eventsThatAreRejectedGoThroughWithTheirBytes() throws Exception {
    manifest(ChaosTopics.MODULE, "dead_letter: { to: events/%s }".formatted(topics.letters()));
    worker.startWith(HEAP);
    send('r', EVENTS);

    readAll(topics.letters(), EVENTS);
    worker.terminate();

    assertEquals(List.of(new History.Exit("one", 0)), history.all(History.Exit.class));
  }

  @Test
  void eventsThatWaitForTheirRetryStopTheIntakeAtItsBounds() throws Exception {
    int events = 10 * (ChaosTopics.IN_FLIGHT + WAITING);
    manifest(
        ChaosTopics.MODULE,
        """
        retry:
          max_attempts: 1000
          backoff: { initial: 1h, max: 1h }
          max_waiting: { events: %d, bytes: 8Mi }
        """
            .formatted(WAITING));
    worker.startWith(HEAP);
    send('9', events);

    await().atMost(LIMIT).until(() -> pending() == ChaosTopics.IN_FLIGHT + WAITING);
    await()
        .during(Duration.ofSeconds(3))
        .atMost(LIMIT)
        .until(() -> pending() == ChaosTopics.IN_FLIGHT + WAITING);
    worker.terminate();

    assertEquals(
        List.of(new History.Exit("one", 0)),
        history.all(History.Exit.class),
        "it ends as it should although everything waits");
    manifest(Path.of("src", "test", "resources", "wasm", "echo.wasm"), "");
    worker.startWith(HEAP);
    readAll(topics.effects(), events);
  }

  private void manifest(Path module, String options) throws Exception {
    topics.writeManifest(directory, bootstrap, module, "30s", options);
  }

  private long pending() throws InterruptedException {
    assertTrue(worker.isRunning(), "the worker died");
    return worker.look().map(History.Account::pending).orElse(0L);
  }

  @SuppressWarnings("FutureReturnValueIgnored") // an event that is missing is noticed at the end
  private void send(char behaviour, int events) {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of(
                "bootstrap.servers",
                bootstrap,
                "compression.type",
                "lz4",
                "linger.ms",
                20,
                // more than one can stall on a topic that is brand-new, and batches are lost then
                "max.in.flight.requests.per.connection",
                1),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      for (int number = 0; number < events; number++) {
        byte[] key = ("k" + number).getBytes(StandardCharsets.US_ASCII);
        producer.send(new ProducerRecord<>(topics.input(), key, data(behaviour, number)));
      }
      producer.flush();
    }
  }

  private static byte[] data(char behaviour, int number) {
    byte[] head = (behaviour + " " + number + " ").getBytes(StandardCharsets.US_ASCII);
    byte[] data = Arrays.copyOf(head, BYTES);
    Arrays.fill(data, head.length, BYTES, (byte) 0xff);
    return data;
  }

  /** Reads a topic until each event is in it, whole. */
  private void readAll(String topic, int events) throws Exception {
    try (KafkaConsumer<byte[], byte[]> reader =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", bootstrap),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions = new ArrayList<>();
      for (int partition = 0; partition < ChaosTopics.PARTITIONS; partition++) {
        partitions.add(new TopicPartition(topic, partition));
      }
      reader.assign(partitions);
      reader.seekToBeginning(partitions);
      long end = System.nanoTime() + LIMIT.toNanos();
      while (seen.cardinality() < events) {
        assertTrue(worker.isRunning(), "the worker died");
        assertTrue(System.nanoTime() - end < 0, () -> "only " + seen.cardinality() + " in time");
        for (ConsumerRecord<byte[], byte[]> record : reader.poll(Duration.ofMillis(200))) {
          assertEquals(BYTES, record.value().length);
          seen.set(Workload.number(record.value()));
        }
      }
    }
  }
}
