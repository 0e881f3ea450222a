package dev.millrace.triggers;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/** How the lane of a key is called where a person or the store has to name it. */
public final class LaneName {

  private LaneName() {}

  /**
   * Names a key within a topic, stream or the like: different for different keys, the same after a
   * restart. Keys that are UTF-8 can be read; a key that begins like a hexadecimal one is written
   * as one.
   *
   * @param scope what the key belongs to
   */
  public static String of(String scope, byte[] key) {
    String text = new String(key, StandardCharsets.UTF_8);
    boolean readable =
        !text.startsWith("0x") && Arrays.equals(text.getBytes(StandardCharsets.UTF_8), key);
    return scope + '/' + (readable ? text : "0x" + HexFormat.of().formatHex(key));
  }
}
