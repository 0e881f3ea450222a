package dev.millrace.triggers.redis;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.triggers.DeadLetter;
import dev.millrace.triggers.DeadLetterFields;
import dev.millrace.triggers.DeadLetterSink;
import dev.millrace.triggers.Destination;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.Connection;

/**
 * Keeps dead letters as entries of a Redis stream.
 *
 * <p>An entry has the event itself, byte for byte, in the fields {@code data}, {@code key}, {@code
 * h:NAME} and {@code h0:NAME} as {@link RedisPublisher} describes them, and then the fields of
 * {@link DeadLetterFields} as text. {@code millrace-id} is the same for every storing of the same
 * dead letter: a stream cannot refuse the second one, so readers drop it by this.
 *
 * <p>An entry is as durable as the server: without an append-only file a crash of Redis loses what
 * came after its last snapshot. On each connection the sink looks, if it may, and warns.
 */
public final class RedisDeadLetterSink implements DeadLetterSink {

  private static final Logger LOG = LoggerFactory.getLogger(RedisDeadLetterSink.class);

  private final Destination destination;
  private final String stream;
  private final CommandSender sender;

  /**
   * A sink; it connects when it first has something to store.
   *
   * @param destination {@code connection/stream:NAME}
   * @param onDeath learns that the sink's thread died by a bug, and why; the sink stores nothing
   *     any more
   * @throws IllegalArgumentException if the destination is not a stream
   */
  public RedisDeadLetterSink(
      Destination destination, RedisConnection connection, Consumer<Throwable> onDeath) {
    this(
        destination,
        new CommandSender(
            destination.connection() + "-dead-letters",
            connection,
            LinkTimings.DEFAULT,
            fresh -> warnOfLoss(fresh, destination),
            onDeath));
  }

  RedisDeadLetterSink(Destination destination, CommandSender sender) {
    RedisTarget target = RedisTarget.parse(destination.target());
    if (target.kind() != RedisTarget.Kind.STREAM) {
      throw new IllegalArgumentException(
          "dead letters cannot go to '"
              + destination
              + "': a channel keeps nothing; write "
              + destination.connection()
              + "/stream:"
              + target.name());
    }
    this.destination = destination;
    this.stream = target.name();
    this.sender = sender;
  }

  @Override
  public CompletionStage<Void> store(DeadLetter letter) {
    DetachedEvent event = letter.event();
    StreamEntry entry = new StreamEntry(stream).payload(event.data(), event.key(), event.headers());
    DeadLetterFields.own(letter).forEach(entry::field);
    DeadLetterFields.origin(letter).forEach(entry::field);
    DeadLetterFields.failure(letter).forEach(entry::field);
    return sender.send(List.of(entry.command()));
  }

  private static void warnOfLoss(Connection fresh, Destination destination) {
    if (AppendOnly.isMissing(fresh)) {
      LOG.atWarn()
          .addKeyValue("deadLetters", destination)
          .log(
              "this Redis keeps no append-only file: dead letters stored since its last snapshot"
                  + " are lost if it crashes; set appendonly yes");
    }
  }

  @Override
  public String description() {
    return destination.toString();
  }

  @Override
  public void close() {
    sender.close();
  }
}
