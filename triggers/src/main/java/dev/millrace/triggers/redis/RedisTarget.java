package dev.millrace.triggers.redis;

/**
 * What a destination names in Redis: {@code stream:NAME} or {@code channel:NAME}.
 *
 * @param kind stream or channel
 * @param name the name of the stream's key or of the channel
 */
record RedisTarget(Kind kind, String name) {

  enum Kind {
    STREAM,
    CHANNEL
  }

  /**
   * Reads {@code stream:NAME} or {@code channel:NAME}.
   *
   * @throws IllegalArgumentException if the text is neither, with what to write instead
   */
  static RedisTarget parse(String target) {
    for (Kind kind : Kind.values()) {
      String prefix = kind == Kind.STREAM ? "stream:" : "channel:";
      if (target.startsWith(prefix) && target.length() > prefix.length()) {
        return new RedisTarget(kind, target.substring(prefix.length()));
      }
    }
    throw new IllegalArgumentException(
        "'" + target + "' names nothing in Redis; write stream:NAME or channel:NAME");
  }
}
