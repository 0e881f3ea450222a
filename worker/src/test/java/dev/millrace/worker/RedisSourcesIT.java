package dev.millrace.worker;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.abi.Message;
import dev.millrace.triggers.testing.RedisBroker;
import dev.millrace.worker.dispatch.Conservation;
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
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.RedisClient;

/** Streams, shards and lists with a whole worker, from the manifest to the dead letter. */
class RedisSourcesIT {

  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final int ORDERS = 200;

  private final String suffix = UUID.randomUUID().toString();

  @TempDir private Path directory;

  @Test
  void takesOrdersThroughAStreamShardsAndAListAndAccountsForEach() throws Exception {
    Manifest manifest = manifest();
    Worker worker = Worker.start(manifest, WorkerOptions.DEFAULT);
    try (worker;
        RedisClient redis = RedisClient.create(RedisBroker.url())) {
      List<Message> orders = new ArrayList<>();
      for (int i = 0; i < ORDERS; i++) {
        orders.add(
            Message.of(
                "cache/stream:in-" + suffix,
                ("{\"id\":\"o-" + i + "\",\"amount\":100,\"currency\":\"EUR\"}")
                    .getBytes(StandardCharsets.UTF_8)));
        redis.lpush("jobs-" + suffix, "{\"id\":\"j-" + i + "\",\"amount\":7,\"currency\":\"EUR\"}");
      }
      redis.lpush("jobs-" + suffix, "no order");

      worker.publisher().publish(orders).toCompletableFuture().join();

      await().atMost(LIMIT).until(() -> worker.conservation("first").succeeded() == ORDERS);
      await().atMost(LIMIT).until(() -> worker.conservation("second").succeeded() == ORDERS);
      await().atMost(LIMIT).until(() -> worker.conservation("jobs").succeeded() == ORDERS);
      await().atMost(LIMIT).until(() -> worker.conservation("jobs").deadLettered() == 1);
      assertEquals(ORDERS, redis.xlen("out-" + suffix));
      await()
          .atMost(LIMIT)
          .until(() -> redis.xpending("in-" + suffix, "app.first").getTotal() == 0);
      await().atMost(LIMIT).until(() -> redis.llen("jobs-" + suffix) == 0);
    }
    for (String trigger : manifest.triggers().keySet()) {
      Conservation account = worker.conservation(trigger);
      assertTrue(account.holds(), trigger + " " + account);
      assertEquals(0, account.pending(), trigger + " " + account);
    }
  }

  @Test
  void runsAfterItsNextStartWhatCameMeanwhile() throws Exception {
    Worker.start(manifest(), WorkerOptions.DEFAULT).close();
    try (RedisClient redis = RedisClient.create(RedisBroker.url())) {
      redis.lpush("jobs-" + suffix, "{\"id\":\"j\",\"amount\":7,\"currency\":\"EUR\"}");
    }

    try (Worker worker = Worker.start(manifest(), WorkerOptions.DEFAULT)) {
      await().atMost(LIMIT).until(() -> worker.conservation("jobs").succeeded() == 1);
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
        app: { name: app }
        admin: { enabled: false }
        connections:
          cache: { redis: { url: "%1$s" } }
        functions:
          charge: { wasm: %2$s }
        triggers:
          first:
            redis: { connection: cache, stream: in-%3$s, trim: settled }
            function: charge
            publish: { to: "cache/sharded:mid-%3$s/2" }
          second:
            redis: { connection: cache, stream: mid-%3$s, key_shards: 2 }
            function: charge
            publish: { to: "cache/stream:out-%3$s" }
          jobs:
            redis: { connection: cache, list: jobs-%3$s }
            function: charge
        """
            .formatted(RedisBroker.url(), module, suffix));
    ManifestResult result = ManifestReader.of(Map.of()).read(file);
    return assertInstanceOf(ManifestResult.Loaded.class, result, result::toString).manifest();
  }
}
