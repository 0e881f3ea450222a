package dev.millrace.triggers.redis;

import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * How the entries of one stream are spread over several, so that a key is always in the same one: a
 * rule that producers in any language can follow.
 */
final class Shards {

  private Shards() {}

  /** The key of a shard's stream: {@code orders:3}. */
  static String name(String stream, int shard) {
    return stream + ":" + shard;
  }

  /**
   * The shard of a key: its CRC-32 (that of zlib, unsigned) modulo the number of shards. Without a
   * key, 0.
   */
  static int of(byte @Nullable [] key, int shards) {
    if (key == null) {
      return 0;
    }
    CRC32 crc = new CRC32();
    crc.update(key);
    return (int) (crc.getValue() % shards);
  }
}
