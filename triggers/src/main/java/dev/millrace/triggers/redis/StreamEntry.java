package dev.millrace.triggers.redis;

import dev.millrace.abi.Header;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;

/**
 * An entry of a stream as the command that adds it. Its fields, in this order:
 *
 * <ul>
 *   <li>{@code data} – the payload; missing if there is none
 *   <li>{@code key} – the key; missing if there is none
 *   <li>{@code h:NAME} – one for each header, in their order; a name may occur more than once
 *   <li>{@code h0:NAME} – a header without a value; its own value is empty
 * </ul>
 *
 * Values are the bytes as they are. Confined to one thread until it is handed over.
 */
final class StreamEntry {

  private static final byte[] EMPTY = new byte[0];

  private final String stream;
  private final CommandArguments command;
  private int bytes;
  private int fields;

  StreamEntry(String stream) {
    this.stream = stream;
    command = new CommandArguments(Command.XADD).add(stream).add(utf8("*"));
  }

  StreamEntry payload(byte @Nullable [] data, byte @Nullable [] key, List<Header> headers) {
    if (data != null) {
      field("data", data);
    }
    if (key != null) {
      field("key", key);
    }
    for (Header header : headers) {
      byte[] value = header.value();
      if (value == null) {
        field("h0:" + header.name(), EMPTY);
      } else {
        field("h:" + header.name(), value);
      }
    }
    return this;
  }

  StreamEntry field(String name, String value) {
    return field(name, utf8(value));
  }

  private StreamEntry field(String name, byte[] value) {
    command.add(utf8(name)).add(value);
    bytes += name.length() + value.length;
    fields++;
    return this;
  }

  /** The command. An entry cannot be empty: one without any field gets an empty {@code data}. */
  RedisCommand command() {
    if (fields == 0) {
      field("data", EMPTY);
    }
    return new RedisCommand(command, stream, bytes);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
