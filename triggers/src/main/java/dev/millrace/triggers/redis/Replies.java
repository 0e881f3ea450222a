package dev.millrace.triggers.redis;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.exceptions.JedisConnectionException;

/**
 * Takes a server's answers apart. An answer of another shape than the command's documentation says
 * is the peer's fault, and breaks the link like any other.
 */
final class Replies {

  private Replies() {}

  static List<?> list(@Nullable Object answer) {
    if (answer instanceof List<?> list) {
      return list;
    }
    throw unexpected("a list", answer);
  }

  static String text(@Nullable Object answer) {
    if (answer instanceof byte[] bytes) {
      return new String(bytes, StandardCharsets.UTF_8);
    }
    if (answer instanceof String text) {
      return text;
    }
    throw unexpected("a text", answer);
  }

  static String text(List<?> parts, int index) {
    if (parts.size() <= index) {
      throw unexpected("at least " + (index + 1) + " parts", parts.size());
    }
    return text(parts.get(index));
  }

  static long number(@Nullable Object answer) {
    if (answer instanceof Long number) {
      return number;
    }
    throw unexpected("a number", answer);
  }

  static long parsed(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw unexpected("a number", text);
    }
  }

  /** An answer of names and values in turn; a value may be {@code null}. */
  static Map<String, @Nullable Object> map(@Nullable Object answer) {
    List<?> parts = list(answer);
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    for (int i = 0; i + 1 < parts.size(); i += 2) {
      map.put(text(parts.get(i)), parts.get(i + 1));
    }
    return map;
  }

  static JedisConnectionException unexpected(String expected, @Nullable Object answer) {
    String what = answer == null ? "nothing" : answer.getClass().getSimpleName();
    return new JedisConnectionException("the server answered " + what + " instead of " + expected);
  }
}
