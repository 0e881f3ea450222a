package dev.millrace.worker;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.millrace.abi.Message;
import dev.millrace.triggers.testing.KafkaBroker;
import dev.millrace.worker.manifest.Manifest;
import dev.millrace.worker.manifest.ManifestReader;
import dev.millrace.worker.manifest.ManifestResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole worker with {@code exactly_once}, ended in the middle, on a real broker. */
class ExactlyOnceWorkerIT {

  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final int EVENTS = 300;

  private final String suffix = UUID.randomUUID().toString();

  @TempDir private Path directory;

  @Test
  void anEventHasOneReplyOverARestartOfTheWorker() throws Exception {
    createTopics();
    long first;
    try (Worker worker = Worker.start(manifest(), WorkerOptions.DEFAULT)) {
      List<Message> messages = new ArrayList<>();
      for (int i = 0; i < EVENTS; i++) {
        byte[] text = ("event " + i).getBytes(StandardCharsets.UTF_8);
        messages.add(new Message("events/in-" + suffix, text, List.of(), text));
      }
      worker.publisher().publish(messages).toCompletableFuture().join();
      await().atMost(LIMIT).until(() -> worker.conservation("records").succeeded() > EVENTS / 4);
      first = worker.conservation("records").succeeded();
    }
    try (Worker worker = Worker.start(manifest(), WorkerOptions.DEFAULT)) {
      await().atMost(LIMIT).until(() -> replies().size() >= EVENTS);
      assertEquals(0, worker.conservation("records").deadLettered());
    }

    List<String> replies = replies();
    assertEquals(EVENTS, replies.size(), first + " before the restart");
    assertEquals(EVENTS, new HashSet<>(replies).size());
  }

  private List<String> replies() {
    List<String> replies = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> reader =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers", KafkaBroker.bootstrap(), "isolation.level", "read_committed"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      TopicPartition partition = new TopicPartition("out-" + suffix, 0);
      reader.assign(List.of(partition));
      reader.seekToBeginning(List.of(partition));
      long end = reader.endOffsets(List.of(partition)).get(partition);
      while (reader.position(partition) < end) {
        reader
            .poll(Duration.ofMillis(200))
            .forEach(record -> replies.add(new String(record.value(), StandardCharsets.UTF_8)));
      }
    }
    return replies;
  }

  private void createTopics() throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", KafkaBroker.bootstrap()))) {
      admin
          .createTopics(
              List.of(
                  new NewTopic("in-" + suffix, 3, (short) 1),
                  new NewTopic("out-" + suffix, 1, (short) 1)))
          .all()
          .get();
      try {
        admin.createTopics(List.of(new NewTopic("echo", 1, (short) 1))).all().get();
      } catch (java.util.concurrent.ExecutionException e) {
        assertInstanceOf(TopicExistsException.class, e.getCause());
      }
    }
  }

  private Manifest manifest() throws Exception {
    Path module = Path.of("..", "samples", "echo", "c", "echo.wasm").toAbsolutePath().normalize();
    Path file = directory.resolve("millrace.yaml");
    Files.writeString(
        file,
        """
        millrace: 1
        admin: { enabled: false }
        connections:
          events: { kafka: { bootstrap: "%1$s" } }
        functions:
          echo: { wasm: %2$s, config: { greeting: hello }, allow: { publish: [events/echo] } }
        triggers:
          records:
            kafka: { connection: events, topics: [in-%3$s], group: g-%3$s, exactly_once: true }
            function: echo
            publish: { to: events/out-%3$s }
        """
            .formatted(KafkaBroker.bootstrap(), module, suffix));
    ManifestResult result = ManifestReader.of(Map.of()).read(file);
    return assertInstanceOf(ManifestResult.Loaded.class, result, result::toString).manifest();
  }
}
