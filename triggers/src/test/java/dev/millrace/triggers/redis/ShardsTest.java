package dev.millrace.triggers.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.millrace.triggers.redis.RedisTarget.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.util.JedisClusterCRC16;

class ShardsTest {

  /** The same figures stand in the documentation, for producers in other languages. */
  @ParameterizedTest
  @CsvSource({"customer-1,5", "customer-3,1", "Zoë,2"})
  void followsTheDocumentedRule(String key, int shard) {
    assertEquals(shard, Shards.of(Servers.utf8(key), 8));
  }

  @Test
  void putsWhatHasNoKeyIntoTheFirstShard() {
    assertEquals(0, Shards.of(null, 8));
    assertEquals("orders:7", Shards.name("orders", 7));
  }

  @Test
  void areADestination() {
    assertEquals(new RedisTarget(Kind.SHARDED, "a/b:c", 16), RedisTarget.parse("sharded:a/b:c/16"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"sharded:a", "sharded:a/", "sharded:/3", "sharded:a/0", "sharded:a/x"})
  void areRefusedWithoutANumber(String target) {
    assertThrows(IllegalArgumentException.class, () -> RedisTarget.parse(target));
  }

  @ParameterizedTest
  @ValueSource(strings = {"orders:3", "{app}orders:3", "or{ders", "a{b}c"})
  void haveTheirLeaseInTheSlotOfTheirStream(String stream) {
    assertEquals(
        JedisClusterCRC16.getSlot(stream),
        JedisClusterCRC16.getSlot(Beside.key(stream, "group:lease")));
  }
}
