package dev.millrace.worker.manifest;

import dev.millrace.worker.manifest.TriggerSpec.Source;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Finds triggers that would take each other's events. */
final class GroupCheck {

  private GroupCheck() {}

  /** Reports each trigger that shares group and topic with an earlier one. */
  static void check(
      List<TriggerSpec> triggers, Names<Connection> connections, Section triggersSection) {
    for (int i = 0; i < triggers.size(); i++) {
      TriggerSpec later = triggers.get(i);
      for (TriggerSpec earlier : triggers.subList(0, i)) {
        Optional<String> shared = shared(earlier, later, connections);
        if (shared.isPresent()) {
          report(triggersSection.section(later.name()), earlier.name(), shared.get());
          break;
        }
      }
    }
  }

  private static void report(Section section, String other, String what) {
    boolean ofRedis = section.has("redis");
    Section source = section.section(ofRedis ? "redis" : "kafka");
    boolean list = ofRedis && source.has("list");
    section.report(
        Rule.SHARED_GROUP,
        source.at(list ? "list" : "group"),
        "trigger '"
            + other
            + "' reads "
            + what
            + ", so each of the two sees only a part; "
            + (list ? "remove one" : "give them different groups"));
  }

  private static Optional<String> shared(
      TriggerSpec a, TriggerSpec b, Names<Connection> connections) {
    Optional<Reader> one = Reader.of(a.source());
    Optional<Reader> other = Reader.of(b.source());
    if (one.isPresent()
        && other.isPresent()
        && one.get().group().equals(other.get().group())
        && same(one.get().connection(), other.get().connection(), connections)) {
      return shared(one.get(), other.get());
    }
    if (a.source() instanceof Source.RedisStream first
        && b.source() instanceof Source.RedisStream second
        && first.options().group().equals(second.options().group())
        && same(first.connection(), second.connection(), connections)) {
      return first.options().keys().stream()
          .filter(second.options().keys()::contains)
          .findFirst()
          .map(stream -> "the stream '" + stream + "' in the same group");
    }
    if (a.source() instanceof Source.RedisList first
        && b.source() instanceof Source.RedisList second
        && first.options().list().equals(second.options().list())
        && same(first.connection(), second.connection(), connections)) {
      return Optional.of("the list '" + first.options().list() + "', too");
    }
    return Optional.empty();
  }

  private static boolean same(String a, String b, Names<Connection> connections) {
    return connections.value(a).equals(connections.value(b));
  }

  /** What a Kafka trigger of either mode reads. */
  private record Reader(
      String connection, String group, List<String> topics, Optional<String> pattern) {
    static Optional<Reader> of(Source source) {
      return switch (source) {
        case Source.Kafka kafka ->
            Optional.of(
                new Reader(
                    kafka.connection(),
                    kafka.options().group(),
                    kafka.options().topics(),
                    kafka.options().pattern()));
        case Source.Queue queue ->
            Optional.of(
                new Reader(
                    queue.connection(),
                    queue.options().group(),
                    queue.options().topics(),
                    Optional.empty()));
        case Source.PubSub pubSub -> Optional.empty();
        case Source.RedisStream stream -> Optional.empty();
        case Source.RedisList list -> Optional.empty();
        case Source.Cron cron -> Optional.empty();
      };
    }
  }

  private static Optional<String> shared(Reader a, Reader b) {
    if (a.pattern().isPresent() && a.pattern().equals(b.pattern())) {
      return Optional.of("the pattern '" + a.pattern().get() + "' in the same group");
    }
    return a.topics().stream()
        .filter(topic -> reads(b, topic))
        .findFirst()
        .or(() -> b.topics().stream().filter(topic -> reads(a, topic)).findFirst())
        .map(topic -> "the topic '" + topic + "' in the same group");
  }

  private static boolean reads(Reader options, String topic) {
    return options.topics().contains(topic)
        || options.pattern().filter(pattern -> Pattern.matches(pattern, topic)).isPresent();
  }
}
