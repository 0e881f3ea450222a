package dev.millrace.triggers.redis;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Connection;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.PushConsumerChain;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.util.RedisInputStream;

/**
 * One connection to a server that listens to channels and patterns.
 *
 * <p>One thread calls {@link #next}; {@link #pingServer}, {@link #unsubscribe} and {@link #cut} may
 * be called by others meanwhile. A link is dead when nothing came for {@link LinkTimings#silence},
 * although it is pinged more often than that: {@code next} then throws. Silence, not an overdue
 * answer to a ping, because behind a large message on a thin line the answer may be long in coming.
 */
final class Subscription extends Connection {

  private static final byte[] MESSAGE = "message".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] NO_PATTERN = {};

  private final List<String> channels;
  private final List<String> patterns;
  private volatile boolean cut;

  /** Confined to the thread that calls {@link #next}. */
  private @Nullable RedisInputStream input;

  /** What the server sent. */
  sealed interface Frame {
    /** A message; the pattern is empty for a message of a subscribed channel. */
    record Message(byte[] pattern, byte[] channel, byte[] data, boolean byPattern)
        implements Frame {}

    /** A channel or a pattern was subscribed. */
    record Subscribed() implements Frame {}

    /** A channel or a pattern was given up; so many are left. */
    record Unsubscribed(long left) implements Frame {}

    /** The answer to a ping. */
    record Pong() implements Frame {}
  }

  /**
   * Connects, logs in, and asks for the channels and patterns. Blocks for at most a few times
   * {@link LinkTimings#connect}.
   *
   * @throws JedisException if the server cannot be reached or refuses
   */
  Subscription(
      RedisConnection connection,
      LinkTimings timings,
      List<String> channels,
      List<String> patterns) {
    super(
        ServerFinder.find(
            connection, timings, (channels.isEmpty() ? patterns : channels).getFirst()),
        ClientSettings.config(connection, timings));
    this.channels = channels;
    this.patterns = patterns;
    try {
      setSoTimeout(Math.toIntExact(timings.silence().toMillis()));
      send(Command.SUBSCRIBE, channels);
      send(Command.PSUBSCRIBE, patterns);
      flush();
    } catch (RuntimeException e) {
      cut();
      throw e;
    }
  }

  /** How many {@link Frame.Subscribed} tell that everything asked for is subscribed. */
  int size() {
    return channels.size() + patterns.size();
  }

  /**
   * The next thing the server sends; blocks until it comes.
   *
   * @throws JedisException if the link is dead or cut, or the server refused the subscription
   */
  Frame next() {
    Object reply;
    try {
      reply = getUnflushedObject();
    } catch (JedisException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new JedisConnectionException("the peer does not speak the protocol of Redis", e);
    }
    if (reply instanceof List<?> parts
        && parts.size() >= 2
        && parts.get(0) instanceof byte[] kind) {
      // Nearly all are, so that it does not become a string first.
      return Arrays.equals(kind, MESSAGE)
          ? new Frame.Message(NO_PATTERN, bytes(parts, 1), bytes(parts, 2), false)
          : frame(new String(kind, StandardCharsets.US_ASCII), parts);
    }
    throw unknown(String.valueOf(reply));
  }

  /**
   * Whether the next message has come already, at least in part. By the thread that calls {@link
   * #next}. Does not block. Knows nothing of what is still encrypted.
   */
  boolean hasMore() {
    RedisInputStream open = input;
    try {
      return open != null && open.available() > 0;
    } catch (IOException e) {
      return true; // reading tells what is wrong
    }
  }

  @Override
  protected Object protocolRead(RedisInputStream in, PushConsumerChain pushes) {
    input = in;
    return super.protocolRead(in, pushes);
  }

  private static Frame frame(String kind, List<?> parts) {
    return switch (kind) {
      case "pmessage" -> new Frame.Message(bytes(parts, 1), bytes(parts, 2), bytes(parts, 3), true);
      case "subscribe", "psubscribe" -> new Frame.Subscribed();
      case "unsubscribe", "punsubscribe" -> new Frame.Unsubscribed(number(parts, 2));
      case "pong" -> new Frame.Pong();
      default -> throw unknown(kind);
    };
  }

  private static byte[] bytes(List<?> parts, int index) {
    if (parts.size() > index && parts.get(index) instanceof byte[] bytes) {
      return bytes;
    }
    throw unknown("a message that lacks part " + index);
  }

  private static long number(List<?> parts, int index) {
    if (parts.size() > index && parts.get(index) instanceof Long number) {
      return number;
    }
    throw unknown("a confirmation that lacks part " + index);
  }

  private static JedisConnectionException unknown(String what) {
    return new JedisConnectionException("unexpected in a subscription: " + what);
  }

  /** Asks the server for a sign of life. */
  synchronized void pingServer() {
    sendCommand(Command.PING);
    flush();
  }

  /** Asks the server to send no more; the last answer is {@link Frame.Unsubscribed} with 0 left. */
  synchronized void unsubscribe() {
    sendCommand(Command.UNSUBSCRIBE);
    sendCommand(Command.PUNSUBSCRIBE);
    flush();
  }

  /** Never again after {@link #cut}: jedis would silently open a socket that is not logged in. */
  @Override
  public void connect() {
    super.connect();
    if (cut) {
      cut();
      throw new JedisConnectionException("the link is cut");
    }
  }

  /** Closes the socket at once; a blocked {@link #next} throws. */
  void cut() {
    cut = true;
    try {
      forceDisconnect();
    } catch (IOException e) {
      throw new JedisConnectionException("the socket could not be closed", e);
    }
  }

  @Override
  public void close() {
    cut();
  }

  private synchronized void send(Command command, List<String> names) {
    if (!names.isEmpty()) {
      sendCommand(
          command,
          names.stream().map(name -> name.getBytes(StandardCharsets.UTF_8)).toArray(byte[][]::new));
    }
  }
}
