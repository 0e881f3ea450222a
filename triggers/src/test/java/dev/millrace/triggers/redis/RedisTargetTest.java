package dev.millrace.triggers.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.millrace.triggers.redis.RedisTarget.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RedisTargetTest {

  @Test
  void readsStreamsAndChannels() {
    assertEquals(new RedisTarget(Kind.STREAM, "a:b/c", 0), RedisTarget.parse("stream:a:b/c"));
    assertEquals(new RedisTarget(Kind.CHANNEL, "news", 0), RedisTarget.parse("channel:news"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "news", "stream:", "channel:", "list:x", "Stream:x"})
  void refusesEverythingElse(String target) {
    assertThrows(IllegalArgumentException.class, () -> RedisPublisher.checkTarget(target));
  }
}
