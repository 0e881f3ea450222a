package dev.millrace.worker.values;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.triggers.local.LocalRedis;
import dev.millrace.triggers.redis.RedisConnection;
import dev.millrace.triggers.redis.RedisValues;
import dev.millrace.triggers.testing.RedisBroker;
import dev.millrace.worker.Worker;
import dev.millrace.worker.WorkerOptions;
import dev.millrace.worker.manifest.ManifestReader;
import dev.millrace.worker.manifest.ManifestResult;
import dev.millrace.worker.wasm.host.KeyValues;
import dev.millrace.worker.wasm.host.UnavailableException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.RedisClient;

/** A key-value store in a real Redis. */
class RedisKeyValuesIT extends KeyValuesContract {

  private final RedisConnection server = new RedisConnection(RedisBroker.url());
  private final RedisValues link = new RedisValues("cache", server, cause -> {});
  private final String prefix = "millrace:app:" + UUID.randomUUID() + ":";
  private final KeyValues values = new RedisKeyValues(link, prefix);

  @TempDir private Path directory;

  @AfterEach
  void close() {
    link.close();
  }

  @Override
  KeyValues values() {
    return values;
  }

  @Test
  void keysAreThereUnderTheirPrefix() throws Exception {
    values.set("k", "v".getBytes(StandardCharsets.UTF_8), KeyValues.FOR_EVER);

    try (RedisClient client = RedisClient.create(RedisBroker.url())) {
      assertArrayEquals(
          "v".getBytes(StandardCharsets.UTF_8),
          client.get((prefix + "k").getBytes(StandardCharsets.UTF_8)));
      assertEquals(-1, client.pttl(prefix + "k"));
    }
  }

  @Test
  void aWorkersFunctionCountsThere() throws Exception {
    String app = "app-" + UUID.randomUUID();
    Files.copy(
        Path.of("src", "test", "resources", "wasm", "kv-flood.wasm"), directory.resolve("f.wasm"));
    Files.writeString(
        directory.resolve("millrace.yaml"),
        """
        millrace: 1
        app: { name: %s }
        store: { path: store.db, durable: false }
        admin: { enabled: false }
        connections: { cache: { redis: { url: "%s" } } }
        kv: { carts: { redis: { connection: cache } } }
        functions: { f: { wasm: f.wasm, allow: { kv: [carts] } } }
        triggers: { t: { cron: { schedule: "* * * * * ?" }, function: f } }
        """
            .formatted(app, RedisBroker.url()));
    ManifestResult read = ManifestReader.of(Map.of()).read(directory);

    try (Worker worker =
        Worker.start(((ManifestResult.Loaded) read).manifest(), WorkerOptions.DEFAULT)) {
      await().atMost(Duration.ofMinutes(1)).until(() -> worker.conservation("t").succeeded() > 0);
    }

    try (RedisClient client = RedisClient.create(RedisBroker.url())) {
      String count = client.get("millrace:" + app + ":carts:n");
      assertTrue(count.endsWith("000"), count);
    }
  }

  @Test
  void aKeyOfAnotherTypeIsUnavailable() {
    try (RedisClient client = RedisClient.create(RedisBroker.url())) {
      client.lpush(prefix + "k", "a list");
    }

    for (UnavailableException refused :
        new UnavailableException[] {
          assertThrows(UnavailableException.class, () -> values.get("k")),
          assertThrows(
              UnavailableException.class, () -> values.increment("k", 1, KeyValues.FOR_EVER)),
          assertThrows(
              UnavailableException.class,
              () -> values.compareAndSet("k", null, new byte[0], KeyValues.FOR_EVER))
        }) {
      assertTrue(refused.getMessage().contains("WRONGTYPE"), refused::getMessage);
    }
  }

  @Test
  void aServerThatIsGoneIsUnavailable() throws Exception {
    LocalRedis other = LocalRedis.start();
    try (RedisValues lost = new RedisValues("lost", new RedisConnection(other.url()), c -> {})) {
      KeyValues there = new RedisKeyValues(lost, prefix);
      there.set("k", new byte[] {1}, KeyValues.FOR_EVER);
      other.close();

      UnavailableException gone = assertThrows(UnavailableException.class, () -> there.get("k"));

      assertTrue(gone.getMessage().startsWith("connection 'lost': "), gone::getMessage);
    }
  }
}
