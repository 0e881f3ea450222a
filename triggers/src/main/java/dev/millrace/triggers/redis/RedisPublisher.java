package dev.millrace.triggers.redis;

import dev.millrace.abi.Message;
import dev.millrace.triggers.Destination;
import dev.millrace.triggers.PublishException;
import dev.millrace.triggers.Publisher;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
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
   */
  public RedisPublisher(String name, RedisConnection connection) {
    this(new CommandSender(name, connection, LinkTimings.DEFAULT, fresh -> {}));
  }

  RedisPublisher(CommandSender sender) {
    this.sender = sender;
  }

  /**
   * Checks what stands behind the slash of a destination.
   *
   * @throws IllegalArgumentException if it is neither {@code stream:NAME} nor {@code channel:NAME}
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
    byte[] name = target.name().getBytes(StandardCharsets.UTF_8);
    byte[] data = message.data();
    return switch (target.kind()) {
      case STREAM ->
          new StreamEntry(name).payload(data, message.key(), message.headers()).command();
      case CHANNEL -> {
        byte[] payload = data == null ? EMPTY : data;
        yield new RedisCommand(
            new CommandArguments(Command.PUBLISH).add(name).add(payload), payload.length);
      }
    };
  }

  @Override
  public void close() {
    sender.close();
  }
}
