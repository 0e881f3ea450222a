package dev.millrace.triggers.redis;

import dev.millrace.abi.Message;
import dev.millrace.triggers.Destination;
import dev.millrace.triggers.PublishException;
import dev.millrace.triggers.Publisher;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;

/**
 * Sends messages to Redis streams and channels. A message is confirmed when the server has answered
 * its command.
 *
 * <p>The target {@code stream:NAME} adds an entry with the fields {@code data}, {@code key} and,
 * for each header in its order, {@code h:NAME}; {@code h0:NAME} is a header without a value. A
 * field whose part the message lacks is missing; values are the bytes as they are. A message that
 * has none of these is an entry with an empty {@code data}.
 *
 * <p>The target {@code sharded:NAME/N} adds the same entry to one of the streams {@code NAME:0} to
 * {@code NAME:N-1}, by the message's key, for triggers with {@code key_shards}.
 *
 * <p>The target {@code channel:NAME} publishes the data; key and headers are not sent, since a
 * channel carries nothing else. It is confirmed even if nobody is subscribed.
 *
 * <p>Messages wait in memory for a connection for up to 10 seconds, at most 10,000 of them and 32
 * MiB; beyond that, and when a link breaks before the answer, the stage fails. One daemon thread.
 */
public final class RedisPublisher implements Publisher {

  private static final byte[] EMPTY = new byte[0];

  private final CommandSender sender;

  /**
   * A publisher; it connects when it first has something to send.
   *
   * @param name the connection's name in the manifest
   * @param onDeath learns that the publisher's thread died by a bug, and why; the publisher sends
   *     nothing any more
   */
  public RedisPublisher(String name, RedisConnection connection, Consumer<Throwable> onDeath) {
    this(new CommandSender(name, connection, LinkTimings.DEFAULT, fresh -> {}, onDeath));
  }

  RedisPublisher(CommandSender sender) {
    this.sender = sender;
  }

  /**
   * Checks what stands behind the slash of a destination.
   *
   * @throws IllegalArgumentException if it is none of {@code stream:NAME}, {@code sharded:NAME/N}
   *     and {@code channel:NAME}
   */
  public static void checkTarget(String target) {
    RedisTarget.parse(target);
  }

  @Override
  public CompletionStage<Void> publish(List<Message> messages) {
    List<RedisCommand> commands = new ArrayList<>(messages.size());
    try {
      for (Message message : messages) {
        commands.add(command(message));
      }
    } catch (IllegalArgumentException e) {
      return CompletableFuture.failedStage(PublishException.permanent(e.getMessage(), e));
    }
    return sender.send(commands);
  }

  private static RedisCommand command(Message message) {
    RedisTarget target = RedisTarget.parse(Destination.parse(message.to()).target());
    byte[] data = message.data();
    return switch (target.kind()) {
      case STREAM -> entry(target.name(), message);
      case SHARDED ->
          entry(Shards.name(target.name(), Shards.of(message.key(), target.shards())), message);
      case CHANNEL -> {
        byte[] payload = data == null ? EMPTY : data;
        yield new RedisCommand(
            new CommandArguments(Command.PUBLISH).add(target.name()).add(payload),
            target.name(),
            payload.length);
      }
    };
  }

  private static RedisCommand entry(String stream, Message message) {
    return new StreamEntry(stream)
        .payload(message.data(), message.key(), message.headers())
        .command();
  }

  @Override
  public void close() {
    sender.close();
  }
}
