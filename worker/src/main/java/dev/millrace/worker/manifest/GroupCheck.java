package dev.millrace.worker.manifest;

import dev.millrace.triggers.kafka.KafkaTriggerOptions;
import dev.millrace.worker.manifest.TriggerSpec.Source;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Finds Kafka triggers that would take each other's records. */
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
    section.report(
        Rule.SHARED_GROUP,
        section.section("kafka").at("group"),
        "trigger '"
            + other
            + "' reads "
            + what
            + " in the same group, so each of the two sees only a part; give them different groups");
  }

  private static Optional<String> shared(
      TriggerSpec a, TriggerSpec b, Names<Connection> connections) {
    return a.source() instanceof Source.Kafka first
            && b.source() instanceof Source.Kafka second
            && first.options().group().equals(second.options().group())
            && connections.value(first.connection()).equals(connections.value(second.connection()))
        ? shared(first.options(), second.options())
        : Optional.empty();
  }

  private static Optional<String> shared(KafkaTriggerOptions a, KafkaTriggerOptions b) {
    if (a.pattern().isPresent() && a.pattern().equals(b.pattern())) {
      return Optional.of("the pattern '" + a.pattern().get() + "'");
    }
    return a.topics().stream()
        .filter(topic -> reads(b, topic))
        .findFirst()
        .or(() -> b.topics().stream().filter(topic -> reads(a, topic)).findFirst())
        .map(topic -> "the topic '" + topic + "'");
  }

  private static boolean reads(KafkaTriggerOptions options, String topic) {
    return options.topics().contains(topic)
        || options.pattern().filter(pattern -> Pattern.matches(pattern, topic)).isPresent();
  }
}
