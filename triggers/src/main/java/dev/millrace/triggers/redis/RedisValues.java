package dev.millrace.triggers.redis;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;

/**
 * Values in Redis, each operation atomic: those that compare or count are scripts. A time to live
 * of zero is for ever.
 *
 * <p>Never blocks. What is asked while the server is away waits for up to ten seconds; a stage
 * fails with a {@link dev.millrace.triggers.PublishException} if the server did not answer or
 * refused, and then nobody knows whether a write was done. One daemon thread. Safe for any thread.
 */
public final class RedisValues implements AutoCloseable {

  private static final String COMPARE_AND_SET =
      """
      local now = redis.call('GET', KEYS[1])
      if ARGV[1] == '1' then
        if now ~= ARGV[2] then return 0 end
      elseif now then
        return 0
      end
      if ARGV[3] == '0' then
        redis.call('DEL', KEYS[1])
      elseif ARGV[5] == '0' then
        redis.call('SET', KEYS[1], ARGV[4])
      else
        redis.call('SET', KEYS[1], ARGV[4], 'PX', ARGV[5])
      end
      return 1""";

  /** Answers the sum as text, since a number of Lua's has 53 bits; nothing if there is none. */
  private static final String INCREMENT =
      """
      local there = redis.call('EXISTS', KEYS[1])
      local sum = redis.pcall('INCRBY', KEYS[1], ARGV[1])
      if type(sum) == 'table' and sum.err then
        if string.find(sum.err, 'not an integer') or string.find(sum.err, 'overflow') then
          return false
        end
        return sum
      end
      if there == 0 and ARGV[2] ~= '0' then
        redis.call('PEXPIRE', KEYS[1], ARGV[2])
      end
      return redis.call('GET', KEYS[1])""";

  private static final byte[] NOTHING = new byte[0];

  private final CommandSender sender;

  /**
   * Values behind a connection; it connects when it is first asked.
   *
   * @param name the connection's name in the manifest
   * @param onDeath learns that its thread died by a bug, and why; it answers nothing any more
   */
  public RedisValues(String name, RedisConnection connection, Consumer<Throwable> onDeath) {
    this.sender = new CommandSender(name, connection, LinkTimings.DEFAULT, fresh -> {}, onDeath);
  }

  public CompletionStage<Optional<byte[]>> get(String key) {
    return sender
        .ask(command(new CommandArguments(Command.GET).add(key), key, 0))
        .thenApply(RedisValues::bytes);
  }

  public CompletionStage<Void> set(String key, byte[] value, Duration timeToLive) {
    CommandArguments arguments = new CommandArguments(Command.SET).add(key).add(value);
    if (!timeToLive.isZero()) {
      arguments.add("PX").add(timeToLive.toMillis());
    }
    return sender.ask(command(arguments, key, value.length)).thenAccept(done -> {});
  }

  /** Completes with whether the key was there. */
  public CompletionStage<Boolean> delete(String key) {
    return sender
        .ask(command(new CommandArguments(Command.DEL).add(key), key, 0))
        .thenApply(removed -> Replies.number(removed) > 0);
  }

  /**
   * Sets or removes a key that has the expected value; completes with whether it had.
   *
   * @param expected {@code null} for no value
   * @param value {@code null} to remove the key
   */
  public CompletionStage<Boolean> compareAndSet(
      String key, byte @Nullable [] expected, byte @Nullable [] value, Duration timeToLive) {
    CommandArguments arguments =
        script(COMPARE_AND_SET, key)
            .add(expected == null ? "0" : "1")
            .add(expected == null ? NOTHING : expected)
            .add(value == null ? "0" : "1")
            .add(value == null ? NOTHING : value)
            .add(timeToLive.toMillis());
    return sender
        .ask(command(arguments, key, length(expected) + length(value)))
        .thenApply(set -> Replies.number(set) == 1);
  }

  /**
   * Adds to the decimal number that a key's value is, 0 if there is none.
   *
   * @param timeToLive of a key that is created
   * @return completes with the sum; empty if the value is no number or the sum has no place in 64
   *     bits
   */
  public CompletionStage<OptionalLong> increment(String key, long delta, Duration timeToLive) {
    return sender
        .ask(command(script(INCREMENT, key).add(delta).add(timeToLive.toMillis()), key, 0))
        .thenApply(
            sum ->
                sum == null
                    ? OptionalLong.empty()
                    : OptionalLong.of(Replies.parsed(Replies.text(sum))));
  }

  /** Ends its thread; what is not answered by then fails. Blocks for a moment. */
  @Override
  public void close() {
    sender.close();
  }

  private static CommandArguments script(String script, String key) {
    return new CommandArguments(Command.EVAL).add(script).add(1).add(key);
  }

  private static RedisCommand command(CommandArguments arguments, String key, long payload) {
    return new RedisCommand(arguments, key, key.getBytes(StandardCharsets.UTF_8).length + payload);
  }

  private static Optional<byte[]> bytes(@Nullable Object answer) {
    if (answer == null || answer instanceof byte[]) {
      return Optional.ofNullable((byte[]) answer);
    }
    throw Replies.unexpected("a value", answer);
  }

  private static long length(byte @Nullable [] bytes) {
    return bytes == null ? 0 : bytes.length;
  }
}
