package dev.millrace.triggers.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RedisConnectionTest {

  @Test
  void takesTheUrlApart() {
    RedisConnection connection =
        new RedisConnection(URI.create("rediss://app%3Aone:s%40f:e+%2B@cache.local:6380/3"));

    assertEquals("app:one", connection.user());
    assertEquals("s@f:e++", connection.password());
    assertEquals("cache.local:6380", connection.address());
    assertEquals(3, connection.database());
    assertTrue(connection.tls());
  }

  @Test
  void hasDefaultsForWhatTheUrlLeavesOut() {
    RedisConnection connection = new RedisConnection(URI.create("redis://cache"));

    assertNull(connection.user());
    assertNull(connection.password());
    assertEquals("cache:6379", connection.address());
    assertEquals(0, connection.database());
    assertFalse(connection.tls());
  }

  @Test
  void takesAPasswordForTheDefaultUser() {
    RedisConnection connection = new RedisConnection(URI.create("redis://:secret@cache"));

    assertNull(connection.user());
    assertEquals("secret", connection.password());
  }

  @Test
  void doesNotShowThePassword() {
    String shown = new RedisConnection(URI.create("redis://app:secret@cache:1/2")).toString();

    assertEquals("redis://cache:1/2", shown);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://cache",
        "cache:6379",
        "redis:///1",
        "redis://cache/db",
        "redis://secret@cache",
        "redis://app:se_cret@ca_che:6379"
      })
  void refusesAUrlThatNamesNoServerWithoutShowingThePassword(String url) {
    IllegalArgumentException refusal =
        assertThrows(IllegalArgumentException.class, () -> new RedisConnection(URI.create(url)));

    assertFalse(refusal.getMessage().contains("secret"), refusal.getMessage());
    assertFalse(refusal.getMessage().contains("se_cret"), refusal.getMessage());
  }

  @Test
  void refusesAnAuthorityWithoutTls() {
    assertThrows(
        IllegalArgumentException.class,
        () ->
            new RedisConnection(
                URI.create("redis://cache"), Optional.of(Path.of("authority.pem"))));
  }
}
