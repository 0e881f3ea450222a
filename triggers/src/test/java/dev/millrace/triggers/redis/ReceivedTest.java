package dev.millrace.triggers.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.triggers.Told;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReceivedTest {

  @Test
  void namesItsChannelAndPattern() {
    Received message =
        new Received(
            utf8("cache.users"),
            "redis:cache.users",
            utf8("cache.*"),
            utf8("42"),
            Instant.EPOCH,
            "0badcafe",
            7);

    assertEquals("redis:cache.users:0badcafe-7", message.id());
    assertEquals(message.id(), message.receipt());
    assertEquals(message.id(), Told.by(message));
    assertEquals("redis:cache.users", message.source());
    assertEquals("dev.millrace.redis.message", message.type());
    assertEquals(Optional.of("cache.users"), message.subject());
    assertEquals(
        Map.of("redischannel", "cache.users", "redispattern", "cache.*"), message.extensions());
    assertNull(message.key());
    assertEquals(2, message.size());
  }

  @Test
  void keepsAChannelOfAnyBytesApartInSourceAndId() {
    Received space = Messages.of(utf8("a b%é"), 0);
    Received notText = Messages.of(new byte[] {(byte) 0xff, 0}, 0);

    assertEquals("redis:a%20b%25%C3%A9", space.source());
    assertEquals("redis:%FF%00", notText.source());
  }

  @Test
  void hasNoSubjectWhereTheChannelHasNoName() {
    Received message = Messages.of(new byte[0], 0);

    assertEquals(Optional.empty(), message.subject());
    assertEquals(message.id(), DetachedEvent.copyOf(message).id());
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
