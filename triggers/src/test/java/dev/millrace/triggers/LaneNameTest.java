package dev.millrace.triggers;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LaneNameTest {

  @Test
  void readsAsTheKeyWhereThatIsText() {
    assertEquals("orders/42", LaneName.of("orders", bytes("42")));
    assertEquals("orders/größe", LaneName.of("orders", bytes("größe")));
  }

  @Test
  void tellsEveryKeyFromEveryOther() {
    List<byte[]> keys =
        List.of(
            new byte[0],
            new byte[] {0},
            new byte[] {(byte) 0xff},
            bytes("0xff"),
            bytes("ff"),
            bytes("\uFFFD"));
    Set<String> names = new HashSet<>();
    keys.forEach(key -> names.add(LaneName.of("t", key)));

    assertEquals(keys.size(), names.size(), names.toString());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
