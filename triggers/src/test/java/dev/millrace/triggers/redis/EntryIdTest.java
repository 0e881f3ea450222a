package dev.millrace.triggers.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.exceptions.JedisConnectionException;

class EntryIdTest {

  private static final String LAST = "18446744073709551615";

  @Test
  void comparesAsRedisDoes() {
    assertTrue(EntryId.parse("9-0").compareTo(EntryId.parse("10-0")) < 0);
    assertTrue(EntryId.parse("9-9").compareTo(EntryId.parse("9-10")) < 0);
    assertTrue(EntryId.parse("9-" + LAST).compareTo(EntryId.parse("9-1")) > 0);
    assertEquals(EntryId.NONE, EntryId.parse("0-0"));
  }

  @Test
  void knowsTheNextOne() {
    assertEquals("9-8", EntryId.parse("9-7").next().toString());
    assertEquals("10-0", EntryId.parse("9-" + LAST).next().toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "9", "-1", "9-", "a-b", "9-1-1"})
  void refusesWhatIsNoId(String text) {
    assertThrows(JedisConnectionException.class, () -> EntryId.parse(text));
  }
}
