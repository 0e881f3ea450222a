package dev.millrace.worker;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.abi.Header;
import dev.millrace.abi.Message;
import dev.millrace.triggers.testing.KafkaBroker;
import dev.millrace.triggers.testing.RedisBroker;
import dev.millrace.worker.manifest.Manifest;
import dev.millrace.worker.manifest.ManifestReader;
import dev.millrace.worker.manifest.ManifestResult;
import dev.millrace.worker.store.DeadLetters;
import dev.millrace.worker.store.DeadLetters.Filter;
import dev.millrace.worker.store.DeadLetters.Summary;
import dev.millrace.worker.store.Replays;
import dev.millrace.worker.store.SqliteStore;
import dev.millrace.worker.store.StoreOptions;
import dev.millrace.worker.store.StoreView;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.RedisClient;

/** Dead letters on their way back to a Kafka topic and a Redis channel, on real brokers. */
class ReplayToSourceIT {

  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final byte[] POISON = {(byte) 0xff, 0, (byte) 0xfe};

  private final String suffix = UUID.randomUUID().toString();

  @TempDir private Path directory;

  @Test
  void aRecordComesAgainByteForByteAndItsLetterIsRemoved() throws Exception {
    Manifest manifest = manifest();
    try (Worker worker = Worker.start(manifest, WorkerOptions.DEFAULT);
        StoreView store = SqliteStore.openShared(manifest.store().path(), StoreOptions.DEFAULT)) {
      Header header = new Header("tenant", new byte[] {(byte) 0xc3, 1});
      worker
          .publisher()
          .publish(
              List.of(new Message("events/in-" + suffix, new byte[] {7}, List.of(header), POISON)))
          .toCompletableFuture()
          .join();
      Summary first = onlyOf(store, "records");

      replayToSource(store, "records");

      await().atMost(LIMIT).until(() -> worker.conservation("records").deadLettered() == 2);
      Summary second = onlyOf(store, "records");
      assertEquals("kafka:in-" + suffix + "/0/0", first.eventId());
      assertEquals("kafka:in-" + suffix + "/0/1", second.eventId());
      DetachedEvent event = store.deadLetters().find(second.id()).orElseThrow().letter().event();
      assertArrayEquals(POISON, event.data());
      assertArrayEquals(new byte[] {7}, event.key());
      assertEquals("tenant", event.headers().getFirst().name());
      assertArrayEquals(new byte[] {(byte) 0xc3, 1}, event.headers().getFirst().value());
      assertTrue(worker.conservation("records").holds());
    }
  }

  @Test
  void aMessageIsPublishedAgainAndItsLetterIsRemoved() throws Exception {
    Manifest manifest = manifest();
    try (Worker worker = Worker.start(manifest, WorkerOptions.DEFAULT);
        StoreView store = SqliteStore.openShared(manifest.store().path(), StoreOptions.DEFAULT);
        RedisClient redis = RedisClient.create(RedisBroker.url())) {
      await().atMost(LIMIT).until(() -> redis.publish("bad-" + suffix, "no order") > 0);
      Summary first = onlyOf(store, "messages");

      replayToSource(store, "messages");

      await().atMost(LIMIT).until(() -> worker.conservation("messages").deadLettered() == 2);
      assertNotEquals(first.id(), onlyOf(store, "messages").id());
    }
  }

  private static void replayToSource(StoreView store, String trigger) {
    DeadLetters letters = store.deadLetters();
    Summary last = letters.inOrder(Filter.ofTrigger(trigger), 0, 10).getLast();
    store
        .replays()
        .start(
            Replays.Replay.of(
                "replay",
                Filter.ofTrigger(trigger),
                Replays.Target.SOURCE,
                Duration.ZERO,
                last.number(),
                1,
                Instant.now()))
        .toCompletableFuture()
        .join();
    await()
        .atMost(LIMIT)
        .until(() -> store.replays().list(1).getFirst().state() == Replays.State.DONE);
    assertEquals(1, store.replays().list(1).getFirst().progress().left());
  }

  private static Summary onlyOf(StoreView store, String trigger) {
    await().atMost(LIMIT).until(() -> store.deadLetters().count(Filter.ofTrigger(trigger)) == 1);
    return store.deadLetters().list(Filter.ofTrigger(trigger), 1).getFirst();
  }

  private Manifest manifest() throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", KafkaBroker.bootstrap()))) {
      admin.createTopics(List.of(new NewTopic("in-" + suffix, 1, (short) 1))).all().get();
    }
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
          messages:
            redis: { connection: cache, channels: [bad-%4$s] }
            function: charge
        """
            .formatted(KafkaBroker.bootstrap(), RedisBroker.url(), module, suffix));
    ManifestResult result = ManifestReader.of(Map.of()).read(file);
    return assertInstanceOf(ManifestResult.Loaded.class, result, result::toString).manifest();
  }
}
