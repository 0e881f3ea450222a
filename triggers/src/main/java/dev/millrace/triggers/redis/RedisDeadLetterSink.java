package dev.millrace.triggers.redis;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.triggers.DeadLetter;
import dev.millrace.triggers.DeadLetterSink;
import dev.millrace.triggers.Destination;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Keeps dead letters as entries of a Redis stream.
 *
 * <p>An entry has the event itself, byte for byte, in the fields {@code data}, {@code key}, {@code
 * h:NAME} and {@code h0:NAME} as {@link RedisPublisher} describes them, and then as text:
 *
 * <ul>
 *   <li>{@code millrace-id} – the same for every storing of the same dead letter: a stream cannot
 *       refuse the second one, so readers drop it by this
 *   <li>{@code millrace-trigger}, {@code millrace-function}, {@code millrace-version}
 *   <li>{@code millrace-failure} (a {@link dev.millrace.triggers.FailureKind}), {@code
 *       millrace-error}, {@code millrace-log} (what the guest logged last)
 *   <li>{@code millrace-attempts} (how many), {@code millrace-received-at}, {@code
 *       millrace-failed-at} (ISO-8601)
 *   <li>{@code millrace-event-*} for each attribute of the event: {@code id}, {@code source},
 *       {@code type}, {@code time}, …, extensions included
 * </ul>
 *
 * <p>An entry is as durable as the server: without an append-only file a crash of Redis loses what
 * came after its last snapshot. On each connection the sink looks, if it may, and warns.
 */
public final class RedisDeadLetterSink implements DeadLetterSink {

  private static final Logger LOG = LoggerFactory.getLogger(RedisDeadLetterSink.class);

  private final Destination destination;
  private final byte[] stream;
  private final CommandSender sender;

  /**
   * A sink; it connects when it first has something to store.
   *
   * @param destination {@code connection/stream:NAME}
   * @throws IllegalArgumentException if the destination is not a stream
   */
  public RedisDeadLetterSink(Destination destination, RedisConnection connection) {
    this(
        destination,
        new CommandSender(
            destination.connection() + "-dead-letters",
            connection,
            LinkTimings.DEFAULT,
            fresh -> warnOfLoss(fresh, destination)));
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
    this.stream = target.name().getBytes(StandardCharsets.UTF_8);
    this.sender = sender;
  }

  @Override
  public CompletionStage<Void> store(DeadLetter letter) {
    DetachedEvent event = letter.event();
    StreamEntry entry = new StreamEntry(stream).payload(event.data(), event.key(), event.headers());
    entry
        .field("millrace-id", letter.id())
        .field("millrace-trigger", letter.trigger())
        .field("millrace-function", letter.function())
        .field("millrace-version", letter.version())
        .field("millrace-failure", letter.failure().name())
        .field("millrace-error", letter.error())
        .field("millrace-log", letter.attempts().isEmpty() ? "" : letter.attempts().getLast().log())
        .field("millrace-attempts", Integer.toString(letter.attemptCount()))
        .field("millrace-received-at", letter.receivedAt().toString())
        .field("millrace-failed-at", letter.failedAt().toString())
        .field("millrace-event-id", event.id())
        .field("millrace-event-source", event.source())
        .field("millrace-event-type", event.type())
        .field("millrace-event-time", event.time().toString());
    event.subject().ifPresent(subject -> entry.field("millrace-event-subject", subject));
    event.dataContentType().ifPresent(type -> entry.field("millrace-event-datacontenttype", type));
    event.dataSchema().ifPresent(schema -> entry.field("millrace-event-dataschema", schema));
    for (Map.Entry<String, String> extension : new TreeMap<>(event.extensions()).entrySet()) {
      entry.field("millrace-event-" + extension.getKey(), extension.getValue());
    }
    return sender.send(List.of(entry.command()));
  }

  private static void warnOfLoss(Connection fresh, Destination destination) {
    try {
      fresh.sendCommand(new CommandArguments(Command.INFO).add("persistence"));
      String info = fresh.getBulkReply();
      if (info.contains("aof_enabled:0")) {
        LOG.atWarn()
            .addKeyValue("deadLetters", destination)
            .log(
                "this Redis keeps no append-only file: dead letters stored since its last snapshot"
                    + " are lost if it crashes; set appendonly yes");
      }
    } catch (JedisConnectionException e) {
      throw e;
    } catch (JedisException e) {
      LOG.atDebug()
          .addKeyValue("deadLetters", destination)
          .addKeyValue("reason", e.getMessage())
          .log("may not ask Redis whether it keeps an append-only file");
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
