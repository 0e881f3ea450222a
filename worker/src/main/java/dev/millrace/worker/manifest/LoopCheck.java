package dev.millrace.worker.manifest;

import dev.millrace.triggers.Destination;
import dev.millrace.worker.manifest.TriggerSpec.Source;
import java.util.Optional;
import java.util.regex.Pattern;

/** Finds triggers that would feed themselves. */
final class LoopCheck {

  private final Source source;
  private final Names<Connection> connections;

  LoopCheck(Source source, Names<Connection> connections) {
    this.source = source;
    this.connections = connections;
  }

  /** Reports a destination that this trigger reads. */
  void check(Section section, Destination to, String what) {
    boolean loop =
        switch (source) {
          case Source.Kafka kafka ->
              same(kafka.connection(), to)
                  && (kafka.options().topics().contains(to.target())
                      || matches(kafka.options().pattern(), to.target()));
          case Source.Queue queue ->
              same(queue.connection(), to) && queue.options().topics().contains(to.target());
          case Source.PubSub pubSub ->
              same(pubSub.connection(), to)
                  && to.target().startsWith(Destinations.CHANNEL)
                  && hears(pubSub, to.target().substring(Destinations.CHANNEL.length()));
          case Source.RedisStream stream ->
              same(stream.connection(), to) && reads(stream, to.target());
          case Source.RedisList list -> false; // nothing can be sent to a list
          case Source.Cron cron -> false;
        };
    if (loop) {
      section.report(
          Rule.DEAD_LETTER_LOOP,
          section.at("to"),
          "the trigger reads '"
              + to
              + "' itself, so that "
              + what
              + " would come back for ever; send them elsewhere");
    }
  }

  /** Whether a destination is on the same broker, be it under another name. */
  private boolean same(String connection, Destination to) {
    return connection.equals(to.connection())
        || connections.value(connection).equals(connections.value(to.connection()));
  }

  private static boolean matches(Optional<String> pattern, String topic) {
    return pattern.isPresent() && Pattern.matches(pattern.get(), topic);
  }

  private static boolean reads(Source.RedisStream stream, String target) {
    if (target.startsWith(Destinations.STREAM)) {
      return stream.options().keys().contains(target.substring(Destinations.STREAM.length()));
    }
    return target.equals(
        Destinations.SHARDED
            + stream.options().streams().getFirst()
            + "/"
            + stream.options().keyShards());
  }

  private static boolean hears(Source.PubSub pubSub, String channel) {
    return pubSub.options().channels().contains(channel)
        || pubSub.options().patterns().stream()
            .anyMatch(glob -> RedisGlob.compile(glob).matcher(channel).matches());
  }
}
