package dev.millrace.triggers.redis;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import redis.clients.jedis.BuilderFactory;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.CommandObject;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.RedisClient;

/**
 * Reads a stream with fields in their order, repeated names and all, which jedis' own types lose.
 */
final class StreamReader {

  private StreamReader() {}

  /** One entry's fields: name, value, name, value, … */
  record Entry(List<byte[]> parts) {

    List<String> names() {
      List<String> names = new ArrayList<>();
      for (int i = 0; i < parts.size(); i += 2) {
        names.add(new String(parts.get(i), StandardCharsets.UTF_8));
      }
      return names;
    }

    byte[] value(int field) {
      return parts.get(2 * field + 1);
    }

    String text(String name) {
      return new String(value(names().indexOf(name)), StandardCharsets.UTF_8);
    }
  }

  static List<Entry> entries(RedisClient client, String stream) {
    List<Entry> entries = new ArrayList<>();
    CommandObject<Object> range =
        new CommandObject<>(
            new CommandArguments(Command.XRANGE).add(stream).add("-").add("+"),
            BuilderFactory.RAW_OBJECT);
    if (client.executeCommand(range) instanceof List<?> rows) {
      for (Object row : rows) {
        List<byte[]> parts = new ArrayList<>();
        for (Object part : (List<?>) ((List<?>) row).get(1)) {
          parts.add((byte[]) part);
        }
        entries.add(new Entry(parts));
      }
    }
    return entries;
  }
}
