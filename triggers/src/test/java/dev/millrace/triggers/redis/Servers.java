package dev.millrace.triggers.redis;

import dev.millrace.triggers.local.LocalRedis;
import dev.millrace.triggers.testing.RedisBroker;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import redis.clients.jedis.RedisClient;

/** Connections to real servers for tests, and timings with which nobody waits long. */
final class Servers {

  static final LinkTimings FAST =
      new LinkTimings(
          Duration.ofSeconds(5),
          Duration.ofMillis(200),
          Duration.ofMillis(1500),
          Duration.ofMillis(50),
          Duration.ofMillis(300),
          Duration.ofMillis(500),
          Duration.ofMillis(100));

  private Servers() {}

  /** The server that all tests share. */
  static RedisConnection shared() {
    return new RedisConnection(RedisBroker.url());
  }

  static RedisConnection to(LocalRedis redis) {
    return new RedisConnection(redis.url());
  }

  static RedisConnection at(int port) {
    return new RedisConnection(URI.create("redis://localhost:" + port));
  }

  static RedisClient client(RedisConnection connection) {
    return RedisClient.builder()
        .hostAndPort(ClientSettings.address(connection))
        .clientConfig(ClientSettings.config(connection, FAST))
        .build();
  }

  /** A name that no other test uses. */
  static String unique(String prefix) {
    return prefix + "-" + UUID.randomUUID();
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static PubSubOptions volatileChannel(String channel) {
    return new PubSubOptions(
        List.of(channel),
        List.of(),
        false,
        PubSubOptions.of(List.of(channel), List.of()).order(),
        PubSubOptions.Overflow.DROP_OLDEST,
        PubSubOptions.DEFAULT_QUEUE);
  }

  static PubSubOptions durableChannel(String channel) {
    return PubSubOptions.of(List.of(channel), List.of());
  }
}
