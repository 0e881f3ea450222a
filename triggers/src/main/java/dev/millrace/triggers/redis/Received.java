package dev.millrace.triggers.redis;

import dev.millrace.abi.Event;
import dev.millrace.abi.Header;
import dev.millrace.abi.TextParts;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One message of a channel, as an event. Attributes are made when somebody asks for them.
 *
 * <p>Pub/sub numbers nothing, so the id is made on receipt: the mark of the trigger's run, and a
 * counter. A journaled message keeps it.
 *
 * @param channel the channel's name, any bytes
 * @param source what {@link SourceName} makes of it; one string for all messages of a channel saves
 *     each of them making its own
 * @param pattern the pattern that matched, {@code null} for a message of a subscribed channel
 * @param data the payload, any bytes
 * @param time when it was received
 * @param run the mark of the trigger's run
 * @param number counts the messages of the run
 */
record Received(
    byte[] channel,
    String source,
    byte @Nullable [] pattern,
    byte[] data,
    Instant time,
    String run,
    long number)
    implements Event {

  static final String TYPE = "dev.millrace.redis.message";

  @Override
  public String id() {
    return source + ":" + run + "-" + number;
  }

  @Override
  public String receipt() {
    return id();
  }

  @Override
  public void tellReceipt(TextParts parts) {
    parts.text(source);
    parts.text(":");
    parts.text(run);
    parts.text("-");
    parts.number(number);
  }

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public Optional<String> subject() {
    return channel.length == 0 ? Optional.empty() : Optional.of(text(channel));
  }

  @Override
  public Optional<String> dataContentType() {
    return Optional.empty();
  }

  @Override
  public Optional<String> dataSchema() {
    return Optional.empty();
  }

  @Override
  public Map<String, String> extensions() {
    return pattern == null
        ? Map.of("redischannel", text(channel))
        : Map.of("redischannel", text(channel), "redispattern", text(pattern));
  }

  @Override
  public byte @Nullable [] key() {
    return null;
  }

  @Override
  public List<Header> headers() {
    return List.of();
  }

  /** What the message counts for in the queue of waiting messages. */
  long waitingBytes() {
    return (long) data.length + channel.length;
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
