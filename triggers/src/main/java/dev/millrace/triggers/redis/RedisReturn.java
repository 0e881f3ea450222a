package dev.millrace.triggers.redis;

import dev.millrace.abi.Event;
import dev.millrace.abi.Message;
import dev.millrace.triggers.Destination;
import java.util.Map;
import java.util.Optional;

/**
 * Sends an event back to where it came from: to its stream as an entry with data, key and headers,
 * to its channel as data.
 */
public final class RedisReturn {

  private static final String CHANNEL = "redischannel";
  private static final String STREAM = "redisstream";

  private RedisReturn() {}

  /**
   * The message that is the event again.
   *
   * @param connection the trigger's connection
   * @return empty if the event names neither a stream nor a channel that it came from
   */
  public static Optional<Message> message(String connection, Event event) {
    Map<String, String> extensions = event.extensions();
    String target =
        extensions.containsKey(STREAM)
            ? "stream:" + extensions.get(STREAM)
            : "channel:" + extensions.getOrDefault(CHANNEL, "");
    if (target.endsWith(":") && target.length() == target.indexOf(':') + 1) {
      return Optional.empty();
    }
    return Optional.of(
        new Message(
            new Destination(connection, target).toString(),
            event.key(),
            event.headers(),
            event.data()));
  }
}
