package dev.millrace.triggers.redis;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a destination names in Redis: {@code stream:NAME}, {@code sharded:NAME/N} or {@code
 * channel:NAME}.
 *
 * @param kind stream, stream in shards, or channel
 * @param name the name of the stream's key, the one that the shards' names begin with, or the
 *     channel
 * @param shards how many shards there are; 0 unless the stream is in shards
 */
record RedisTarget(Kind kind, String name, int shards) {

  private static final Pattern TARGET = Pattern.compile("(stream|channel):(.+)", Pattern.DOTALL);
  private static final Pattern SHARDED =
      Pattern.compile("sharded:(.+)/([1-9][0-9]{0,3})", Pattern.DOTALL);

  enum Kind {
    STREAM,
    SHARDED,
    CHANNEL
  }

  /**
   * Reads {@code stream:NAME}, {@code sharded:NAME/N} or {@code channel:NAME}.
   *
   * @throws IllegalArgumentException if the text is none of these, with what to write instead
   */
  static RedisTarget parse(String target) {
    Matcher plain = TARGET.matcher(target);
    if (plain.matches()) {
      Kind kind = plain.group(1).equals("stream") ? Kind.STREAM : Kind.CHANNEL;
      return new RedisTarget(kind, plain.group(2), 0);
    }
    Matcher sharded = SHARDED.matcher(target);
    if (sharded.matches()) {
      return new RedisTarget(Kind.SHARDED, sharded.group(1), Integer.parseInt(sharded.group(2)));
    }
    throw new IllegalArgumentException(
        "'"
            + target
            + "' names nothing in Redis; write stream:NAME, sharded:NAME/N with the number of"
            + " shards, or channel:NAME");
  }
}
