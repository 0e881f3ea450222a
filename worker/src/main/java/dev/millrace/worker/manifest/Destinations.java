package dev.millrace.worker.manifest;

import dev.millrace.triggers.Destination;
import dev.millrace.triggers.redis.RedisPublisher;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads {@code connection/target} and knows which targets a connection has. */
final class Destinations {

  static final String STREAM = "stream:";
  static final String CHANNEL = "channel:";
  static final String SHARDED = "sharded:";

  private static final Pattern TOPIC = Pattern.compile("(?!\\.{1,2}$)[A-Za-z0-9._-]{1,249}");

  private final Names<Connection> connections;

  Destinations(Names<Connection> connections) {
    this.connections = connections;
  }

  /** The destination that a key holds; one that cannot be is reported. */
  Optional<Destination> read(Section section, String key) {
    return section
        .scalar(key)
        .flatMap(scalar -> read(section, scalar.text(), scalar.position(), false));
  }

  /** A grant: a destination, or the beginning of one and a {@code *}. */
  Optional<String> readGrant(Section section, Node.Scalar scalar) {
    return read(section, scalar.text(), scalar.position(), true).map(Destination::toString);
  }

  private Optional<Destination> read(Section section, String text, Position at, boolean grant) {
    Destination destination;
    try {
      destination = Destination.parse(text);
    } catch (IllegalArgumentException e) {
      section.report(
          Rule.BAD_DESTINATION,
          at,
          "'"
              + text
              + "' is not a destination; write connection/TOPIC, connection/stream:NAME or"
              + " connection/channel:NAME");
      return Optional.empty();
    }
    Optional<Connection> connection = connections.resolve(destination.connection(), section, at);
    if (connection.isEmpty()) {
      return Optional.empty();
    }
    Optional<String> wrong =
        switch (connection.get()) {
          case Connection.Kafka kafka -> wrongTopic(destination, grant);
          case Connection.Redis redis -> wrongRedisTarget(destination, grant);
        };
    wrong.ifPresent(message -> section.report(Rule.BAD_DESTINATION, at, message));
    return wrong.isEmpty() ? Optional.of(destination) : Optional.empty();
  }

  private static Optional<String> wrongTopic(Destination destination, boolean grant) {
    String topic = destination.target();
    if (topic.startsWith(STREAM) || topic.startsWith(CHANNEL)) {
      return Optional.of(
          "'"
              + destination.connection()
              + "' is a Kafka connection and has topics only; write "
              + destination.connection()
              + "/"
              + topic.substring(topic.indexOf(':') + 1));
    }
    String written = grant && topic.endsWith("*") ? topic.substring(0, topic.length() - 1) : topic;
    boolean everything = grant && written.isEmpty();
    if (everything || TOPIC.matcher(written).matches()) {
      return Optional.empty();
    }
    return Optional.of(
        "'" + topic + "' is no name for a Kafka topic; use letters, digits, '.', '_' and '-'");
  }

  private static Optional<String> wrongShards(Destination destination, boolean grant) {
    if (grant && destination.target().endsWith("*")) {
      return Optional.empty();
    }
    try {
      RedisPublisher.checkTarget(destination.target());
      return Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.of(
          "'"
              + destination
              + "' does not say how many shards there are; write "
              + destination.connection()
              + "/sharded:NAME/N with the trigger's 'key_shards'");
    }
  }

  private static Optional<String> wrongRedisTarget(Destination destination, boolean grant) {
    String target = destination.target();
    for (String kind : new String[] {STREAM, CHANNEL}) {
      if (target.startsWith(kind) && target.length() > kind.length()) {
        return Optional.empty();
      }
    }
    if (target.startsWith(SHARDED)) {
      return wrongShards(destination, grant);
    }
    if (grant && target.equals("*")) {
      return Optional.empty();
    }
    return Optional.of(
        "'"
            + destination.connection()
            + "' is a Redis connection; write "
            + destination.connection()
            + "/stream:NAME or "
            + destination.connection()
            + "/channel:NAME");
  }
}
