package dev.millrace.worker;

import dev.millrace.abi.Message;
import dev.millrace.triggers.DeadLetterSink;
import dev.millrace.triggers.Destination;
import dev.millrace.triggers.PublishException;
import dev.millrace.triggers.Publisher;
import dev.millrace.triggers.kafka.KafkaDeadLetterSink;
import dev.millrace.triggers.kafka.KafkaPublisher;
import dev.millrace.triggers.redis.RedisDeadLetterSink;
import dev.millrace.triggers.redis.RedisPublisher;
import dev.millrace.worker.manifest.Connection;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * Everything that leaves the worker: one publisher for each connection that is used, opened on
 * first use, and the dead-letter sinks of the manifest. As a {@link Publisher} it takes messages to
 * any connection.
 */
final class Outlets implements Publisher {

  private final Map<String, Connection> connections;
  private final Decoration decoration;
  private final Consumer<String> onDeath;
  private final Map<String, Publisher> publishers = new LinkedHashMap<>();
  private final List<DeadLetterSink> sinks = new ArrayList<>();
  private boolean closed;

  /** Wraps the publisher of a connection, for metrics. */
  interface Decoration {
    Publisher wrap(String connection, Publisher publisher);
  }

  /**
   * @param onDeath learns why nothing can be sent over a connection any more; the worker should
   *     stop
   */
  Outlets(Map<String, Connection> connections, Decoration decoration, Consumer<String> onDeath) {
    this.connections = connections;
    this.onDeath = onDeath;
    this.decoration = decoration;
  }

  /** Sends each message over its connection. Completes when all of them are confirmed. */
  @Override
  public CompletionStage<Void> publish(List<Message> messages) {
    Map<String, List<Message>> byConnection = new LinkedHashMap<>();
    for (Message message : messages) {
      byConnection
          .computeIfAbsent(connectionOf(message), connection -> new ArrayList<>())
          .add(message);
    }
    if (byConnection.size() == 1) {
      Map.Entry<String, List<Message>> only = byConnection.entrySet().iterator().next();
      return publisher(only.getKey()).publish(only.getValue());
    }
    List<CompletableFuture<Void>> sent = new ArrayList<>();
    byConnection.forEach(
        (connection, batch) ->
            sent.add(publisher(connection).publish(batch).toCompletableFuture()));
    return CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new));
  }

  /** A guest may name a destination that is none; no waiting makes it one. */
  private static String connectionOf(Message message) {
    try {
      return Destination.parse(message.to()).connection();
    } catch (IllegalArgumentException e) {
      throw PublishException.permanent(String.valueOf(e.getMessage()), e);
    }
  }

  /** The dead-letter sink at a destination. */
  synchronized DeadLetterSink deadLetters(Destination destination) {
    DeadLetterSink sink =
        switch (connection(destination.connection())) {
          case Connection.Kafka kafka ->
              new KafkaDeadLetterSink(publisher(destination.connection()), destination);
          case Connection.Redis redis ->
              new RedisDeadLetterSink(
                  destination, redis.redis(), death("the dead letters to " + destination));
        };
    sinks.add(sink);
    return sink;
  }

  private synchronized Publisher publisher(String name) {
    if (closed) {
      throw PublishException.transientFailure("the worker is closing", new IllegalStateException());
    }
    return publishers.computeIfAbsent(
        name,
        n ->
            decoration.wrap(
                n,
                switch (connection(n)) {
                  case Connection.Kafka kafka -> KafkaPublisher.create(n, kafka.kafka());
                  case Connection.Redis redis ->
                      new RedisPublisher(n, redis.redis(), death("connection '" + n + "'"));
                }));
  }

  /** A sender that is dead in a live worker would hold every event for ever. */
  private Consumer<Throwable> death(String whose) {
    return cause -> onDeath.accept("the thread that sends for " + whose + " died: " + cause);
  }

  private Connection connection(String name) {
    Connection connection = connections.get(name);
    if (connection == null) {
      throw PublishException.permanent(
          "there is no connection '" + name + "' in the manifest", new IllegalArgumentException());
    }
    return connection;
  }

  @Override
  public synchronized void close() {
    closed = true;
    publishers.values().forEach(Publisher::close);
    sinks.forEach(DeadLetterSink::close);
  }
}
