package dev.millrace.worker.manifest;

import dev.millrace.worker.manifest.TriggerSpec.Source;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import java.time.Duration;
import java.util.Optional;

/** Finds what a Kafka trigger with {@code mode: queue} cannot do, or would do badly. */
final class QueueCheck {

  /** {@code share.record.lock.duration.ms}, unless the group or the broker says otherwise. */
  private static final Duration LOCK = Duration.ofSeconds(30);

  private QueueCheck() {}

  /** Reports options that belong to the other mode. */
  static void options(Section kafka, boolean queue) {
    if (!queue) {
      if (kafka.has("queue")) {
        kafka.report(
            Rule.QUEUE_PROMISES,
            kafka.at("queue"),
            "'queue' is for 'mode: queue'; add that, or leave it out");
      }
      return;
    }
    if (kafka.has("order") && !kafka.textOrDefault("order").equals("none")) {
      refuse(kafka, "order", "a queue has no order; write 'order: none', or leave it out");
    }
    for (String key : new String[] {"pattern", "protocol", "group_instance_id"}) {
      if (kafka.has(key)) {
        refuse(kafka, key, "a share group has no '" + key + "'; leave it out");
      }
    }
    if (kafka.has("exactly_once") && kafka.flag("exactly_once")) {
      refuse(
          kafka,
          "exactly_once",
          "a share group takes no part in transactions; leave 'exactly_once' or 'mode' out");
    }
  }

  private static void refuse(Section kafka, String key, String message) {
    kafka.report(Rule.QUEUE_PROMISES, kafka.at(key), message);
  }

  /** Warns where one event may take longer than the broker lends its record for. */
  static void timing(Section trigger, Source source, Optional<FunctionSpec> function) {
    Optional<Duration> timeout = function.map(spec -> spec.limits().maxDuration());
    if (source instanceof Source.Queue && timeout.filter(t -> t.compareTo(LOCK) > 0).isPresent()) {
      trigger.report(
          Rule.QUEUE_LOCK,
          trigger.at("function"),
          "function '"
              + function.get().name()
              + "' may run for "
              + DurationText.format(timeout.get())
              + ", but the broker lends a record for "
              + DurationText.format(LOCK)
              + ", unless the group says otherwise; a member takes no new records while it renews"
              + " that. Lower limits.timeout or limits.max_duration, or give the queue more members");
    }
  }
}
