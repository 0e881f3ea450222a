package dev.millrace.worker;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.millrace.abi.Header;
import dev.millrace.abi.Message;
import dev.millrace.triggers.testing.KafkaBroker;
import dev.millrace.triggers.testing.RedisBroker;
import dev.millrace.worker.manifest.Manifest;
import dev.millrace.worker.manifest.ManifestReader;
import dev.millrace.worker.manifest.ManifestResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.RedisClient;

/** Dead letters that go to a Kafka topic and to a Redis stream, on real brokers. */
class DeadLetterDestinationsIT {

  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final byte[] POISON = {(byte) 0xff, 0, (byte) 0xfe};

  private static final int DLQ_LIMIT = 200_000;

  private final String suffix = UUID.randomUUID().toString();

  @TempDir private Path directory;

  @Test
  void carriesTheEventByteForByte() throws Exception {
    createTopics();
    try (Worker worker = Worker.start(manifest(), WorkerOptions.DEFAULT)) {
      Header header = new Header("tenant", new byte[] {(byte) 0xc3, 1});
      worker
          .publisher()
          .publish(
              List.of(new Message("events/in-" + suffix, new byte[] {7}, List.of(header), POISON)))
          .toCompletableFuture()
          .join();
      await().atMost(LIMIT).until(() -> worker.conservation("records").deadLettered() == 1);
    }
    ConsumerRecord<byte[], byte[]> letter = kafkaLetter();
    assertArrayEquals(POISON, letter.value());
    assertArrayEquals(new byte[] {7}, letter.key());
    assertArrayEquals(new byte[] {(byte) 0xc3, 1}, letter.headers().lastHeader("tenant").value());
    assertEquals("records", text(letter, "millrace-trigger"));
    assertEquals("in-" + suffix, text(letter, "kafka_dlt-original-topic"));
    assertEquals("0", text(letter, "__connect.errors.offset"));
  }

  @Test
  void anEventOfNearlyTheTopicsLimitIsStoredWithoutWhatIsNotNeeded() throws Exception {
    createTopics();
    byte[] large = new byte[DLQ_LIMIT - 1_100];
    new Random(1).nextBytes(large);
    try (Worker worker = Worker.start(manifest(), WorkerOptions.DEFAULT)) {
      worker
          .publisher()
          .publish(List.of(new Message("events/in-" + suffix, new byte[] {7}, List.of(), large)))
          .toCompletableFuture()
          .join();
      await().atMost(LIMIT).until(() -> worker.conservation("records").deadLettered() == 1);
    }
    ConsumerRecord<byte[], byte[]> letter = kafkaLetter();
    assertArrayEquals(large, letter.value());
    assertEquals("records", text(letter, "millrace-trigger"));
    assertEquals("in-" + suffix, text(letter, "kafka_dlt-original-topic"));
    assertNull(letter.headers().lastHeader("millrace-error"));
  }

  @Test
  void goesToARedisStream() throws Exception {
    createTopics();
    try (Worker worker = Worker.start(manifest(), WorkerOptions.DEFAULT);
        RedisClient redis = RedisClient.create(RedisBroker.url())) {
      await()
          .atMost(LIMIT)
          .until(
              () -> {
                redis.publish("bad-" + suffix, "no order");
                return worker.conservation("messages").deadLettered() >= 1;
              });
      Map<String, String> letter =
          redis.xrange("dlq-" + suffix, "-", "+", 1).getFirst().getFields();
      assertEquals("messages", letter.get("millrace-trigger"));
      assertEquals("no order", letter.get("data"));
    }
  }

  private static String text(ConsumerRecord<byte[], byte[]> letter, String header) {
    return new String(letter.headers().lastHeader(header).value(), StandardCharsets.UTF_8);
  }

  private ConsumerRecord<byte[], byte[]> kafkaLetter() {
    try (KafkaConsumer<byte[], byte[]> reader =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", KafkaBroker.bootstrap()),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      TopicPartition partition = new TopicPartition("dlq-" + suffix, 0);
      reader.assign(List.of(partition));
      reader.seekToBeginning(List.of(partition));
      List<ConsumerRecord<byte[], byte[]>> letters = new ArrayList<>();
      await()
          .atMost(LIMIT)
          .until(
              () -> {
                reader.poll(Duration.ofMillis(200)).forEach(letters::add);
                return !letters.isEmpty();
              });
      return letters.getFirst();
    }
  }

  private void createTopics() throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", KafkaBroker.bootstrap()))) {
      admin
          .createTopics(
              List.of(
                  new NewTopic("in-" + suffix, 1, (short) 1),
                  new NewTopic("dlq-" + suffix, 1, (short) 1)
                      .configs(Map.of("max.message.bytes", Integer.toString(DLQ_LIMIT)))))
          .all()
          .get();
    }
  }

  private Manifest manifest() throws Exception {
    Path module =
        Path.of("..", "samples", "quickstart", "functions", "orders", "orders.wasm")
            .toAbsolutePath()
            .normalize();
    Path file = directory.resolve("millrace.yaml");
    Files.writeString(
        file,
        """
        millrace: 1
        admin: { enabled: false }
        connections:
          events: { kafka: { bootstrap: "%1$s" } }
          cache: { redis: { url: "%2$s" } }
        functions:
          charge: { wasm: %3$s }
        triggers:
          records:
            kafka: { connection: events, topics: [in-%4$s], group: g-%4$s }
            function: charge
            dead_letter: { to: events/dlq-%4$s }
          messages:
            redis: { connection: cache, channels: [bad-%4$s] }
            function: charge
            dead_letter: { to: "cache/stream:dlq-%4$s" }
        """
            .formatted(KafkaBroker.bootstrap(), RedisBroker.url(), module, suffix));
    ManifestResult result = ManifestReader.of(Map.of()).read(file);
    return assertInstanceOf(ManifestResult.Loaded.class, result, result::toString).manifest();
  }
}
