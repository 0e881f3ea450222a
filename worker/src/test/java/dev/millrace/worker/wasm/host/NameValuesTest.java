package dev.millrace.worker.wasm.host;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.millrace.abi.Header;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Attribute and header lists on their way to and from the guest. */
class NameValuesTest {

  @Test
  void theFormatIsWhatTheAbiSays() {
    assertEquals(
        "02000000" + "01000000" + "61" + "02000000" + "0102" + "01000000" + "62" + "ffffffff",
        HexFormat.of()
            .formatHex(
                NameValues.encodeHeaders(
                    List.of(new Header("a", new byte[] {1, 2}), new Header("b", null)))));
    assertEquals(
        "01000000" + "02000000" + "6964" + "01000000" + "37",
        HexFormat.of().formatHex(NameValues.encodeAttributes(Map.of("id", "7"))));
  }

  @Test
  void decodesWhatItEncodes() {
    List<Header> headers =
        List.of(
            new Header("ä", new byte[] {(byte) 0xff}),
            new Header("", new byte[0]),
            new Header("x", null));

    List<Header> decoded =
        NameValues.decodeHeaders(NameValues.encodeHeaders(headers)).orElseThrow();

    assertEquals(List.of("ä", "", "x"), decoded.stream().map(Header::name).toList());
    assertArrayEquals(new byte[] {(byte) 0xff}, decoded.get(0).value());
    assertArrayEquals(new byte[0], decoded.get(1).value());
    assertNull(decoded.get(2).value());
  }

  @Test
  void everyPrefixAndEverySuffixIsMalformed() {
    byte[] good = NameValues.encodeHeaders(List.of(new Header("abc", new byte[] {1, 2, 3})));
    for (int length = 0; length < good.length; length++) {
      assertEquals(Optional.empty(), NameValues.decodeHeaders(Arrays.copyOf(good, length)));
    }
    assertEquals(Optional.empty(), NameValues.decodeHeaders(Arrays.copyOf(good, good.length + 1)));
  }

  @Test
  void randomBytesNeverThrow() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = new byte[random.nextInt(40)];
      random.nextBytes(bytes);
      for (int at = 0; at + 4 <= bytes.length; at += 4) {
        if (random.nextBoolean()) {
          bytes[at] = (byte) random.nextInt(4);
          bytes[at + 1] = bytes[at + 2] = bytes[at + 3] = 0;
        }
      }
      NameValues.decodeHeaders(bytes);
    }
    assertEquals(Optional.empty(), NameValues.decodeHeaders(HexFormat.of().parseHex("ffffff7f")));
    assertEquals(
        Optional.empty(),
        NameValues.decodeHeaders(HexFormat.of().parseHex("0100000001000000ff00000000")),
        "a name that is not UTF-8");
  }
}
