package dev.millrace.worker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.triggers.local.LocalRedis;
import dev.millrace.triggers.redis.RedisConnection;
import dev.millrace.triggers.redis.RedisValues;
import dev.millrace.triggers.testing.RedisBroker;
import dev.millrace.worker.wasm.KeyValues;
import dev.millrace.worker.wasm.UnavailableException;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.RedisClient;

/** A key-value store in a real Redis. */
class RedisKeyValuesIT extends KeyValuesContract {

  private final RedisConnection server = new RedisConnection(RedisBroker.url());
  private final RedisValues link = new RedisValues("cache", server, cause -> {});
  private final String prefix = "millrace:app:" + UUID.randomUUID() + ":";
  private final KeyValues values = new RedisKeyValues(link, prefix);

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
