package dev.millrace.worker.manifest;

import dev.millrace.triggers.Order;
import dev.millrace.triggers.cron.CronOptions;
import dev.millrace.triggers.cron.CronSchedule;
import dev.millrace.triggers.kafka.KafkaQueueOptions;
import dev.millrace.triggers.kafka.KafkaTriggerOptions;
import dev.millrace.triggers.kafka.Membership;
import dev.millrace.worker.manifest.TriggerSpec.Source;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Reads what a trigger listens to: {@code kafka}, {@code redis} or {@code cron}. */
final class SourceReader {

  private static final Pattern INSTANCE = Pattern.compile("[A-Za-z0-9._-]{1,249}");

  private final Manifest.App app;
  private final RedisSourceReader redis;
  private final Names<Connection> connections;
  private final ConnectionReader properties;
  private final Instant now;

  SourceReader(
      Manifest.App app,
      RedisSourceReader redis,
      Names<Connection> connections,
      ConnectionReader properties,
      Instant now) {
    this.app = app;
    this.redis = redis;
    this.connections = connections;
    this.properties = properties;
    this.now = now;
  }

  /**
   * The source of a trigger; all that it names is read, one is returned.
   *
   * @param function the function that runs on its events, if it is known
   */
  Optional<Source> read(Section trigger, Optional<FunctionSpec> function) {
    List<Optional<Source>> sources = new ArrayList<>();
    trigger.ifMap("kafka").ifPresent(kafka -> sources.add(kafka(trigger, kafka)));
    trigger
        .ifMap("redis")
        .ifPresent(
            redis ->
                sources.add(
                    this.redis.read(
                        trigger,
                        redis,
                        connection(redis, Connection.Redis.class, "Redis"),
                        function)));
    trigger.ifMap("cron").ifPresent(cron -> sources.add(cron(trigger, cron)));
    if (trigger.has("data") && !trigger.has("cron")) {
      trigger.report(
          Rule.DATA_NEEDS_CRON,
          trigger.at("data"),
          "'data' is for cron triggers; the events of this one bring their own");
    }
    return sources.size() == 1 ? sources.getFirst() : Optional.empty();
  }

  private Optional<Source> kafka(Section trigger, Section kafka) {
    Optional<String> connection = connection(kafka, Connection.Kafka.class, "Kafka");
    List<String> topics = kafka.texts("topics");
    Optional<String> pattern = kafka.text("pattern").filter(text -> isPattern(kafka, text));
    Map<String, String> consumer = properties.properties(kafka);
    if (kafka.has("topics") && kafka.has("pattern")) {
      kafka.report(
          Rule.TOPICS_AND_PATTERN,
          kafka.at("pattern"),
          "both 'topics' and 'pattern' are given; keep the one that says what to read");
    } else if (!kafka.has("topics") && !kafka.has("pattern")) {
      kafka.report(
          Rule.NOTHING_TO_READ,
          kafka.position(),
          "nothing says what to read; add 'topics', or a 'pattern' for topic names");
    }
    boolean queue = kafka.textOrDefault("mode").equals("queue");
    QueueCheck.options(kafka, queue);
    if (connection.isEmpty() || topics.isEmpty() == pattern.isEmpty()) {
      return Optional.empty();
    }
    if (queue) {
      return topics.isEmpty()
          ? Optional.empty()
          : Optional.of(
              new Source.Queue(connection.get(), queue(trigger, kafka, topics, consumer)));
    }
    return Optional.of(
        new Source.Kafka(
            connection.get(),
            new KafkaTriggerOptions(
                topics,
                pattern,
                new Membership(
                    group(trigger, kafka),
                    kafka.choiceOrDefault("protocol", Membership.Protocol.class),
                    instance(kafka)),
                kafka.choiceOrDefault("start", KafkaTriggerOptions.Start.class),
                kafka.choiceOrDefault("order", Order.class),
                kafka.flag("exactly_once"),
                consumer)));
  }

  private KafkaQueueOptions queue(
      Section trigger, Section kafka, List<String> topics, Map<String, String> consumer) {
    Section queue = kafka.section("queue");
    return new KafkaQueueOptions(
        topics,
        group(trigger, kafka),
        kafka.choiceOrDefault("start", KafkaTriggerOptions.Start.class),
        queue.numberOrDefault("members"),
        queue.numberOrDefault("batch"),
        consumer);
  }

  private String group(Section trigger, Section kafka) {
    return kafka.text("group").orElseGet(() -> app.name() + "." + trigger.name());
  }

  /** A text without a variable is the same in every replica, and each would fence the others. */
  private static Optional<String> instance(Section kafka) {
    Optional<Node.Scalar> instance = kafka.scalar("group_instance_id");
    if (instance.isPresent() && !instance.get().expanded()) {
      kafka.report(
          Rule.SHARED_INSTANCE_ID,
          kafka.at("group_instance_id"),
          "'"
              + instance.get().text()
              + "' is the same in every replica of the worker, of which only one can then be a"
              + " member; write ${HOSTNAME}, or another variable that tells them apart");
    }
    Optional<String> name = instance.map(Node.Scalar::text);
    if (name.isPresent() && !INSTANCE.matcher(name.get()).matches()) {
      kafka.reportKey(
          Rule.BAD_NAME,
          "group_instance_id",
          "is '" + name.get() + "'; use at most 249 letters, digits, '_', '-' and '.'");
    }
    return name;
  }

  private static boolean isPattern(Section kafka, String text) {
    try {
      Pattern.compile(text);
      return true;
    } catch (PatternSyntaxException e) {
      kafka.report(
          Rule.BAD_PATTERN,
          kafka.at("pattern"),
          "'"
              + text
              + "' is not a regular expression: "
              + e.getDescription()
              + (e.getIndex() >= 0 ? " at character " + (e.getIndex() + 1) : ""));
      return false;
    }
  }

  private Optional<Source> cron(Section trigger, Section cron) {
    Optional<Payload> data = trigger.node("data").map(Json::payload);
    ZoneId zone = Zones.read(cron, "timezone").orElse(app.timezone());
    Optional<String> schedule = cron.text("schedule");
    schedule
        .flatMap(text -> CronSchedule.problem(text, zone, now))
        .ifPresent(problem -> cron.report(Rule.BAD_SCHEDULE, cron.at("schedule"), problem));
    return schedule.map(
        text ->
            new Source.Cron(
                new CronOptions(
                    text,
                    zone,
                    cron.choiceOrDefault("missed", CronOptions.Missed.class),
                    cron.numberOrDefault("missed_limit"),
                    cron.choiceOrDefault("overlap", CronOptions.Overlap.class),
                    cron.durationOrDefault("jitter"),
                    data.map(Payload::bytes).orElse(null),
                    data.map(Payload::contentType).orElse("application/json"))));
  }

  private Optional<String> connection(
      Section section, Class<? extends Connection> kind, String kindName) {
    Optional<Connection> connection = connections.resolve(section, "connection");
    if (connection.isEmpty()) {
      return Optional.empty();
    }
    String name = section.text("connection").orElseThrow();
    if (!kind.isInstance(connection.get())) {
      section.report(
          Rule.WRONG_CONNECTION_KIND,
          section.at("connection"),
          "connection '"
              + name
              + "' does not lead to "
              + kindName
              + ", from which this trigger reads; name another one");
      return Optional.empty();
    }
    return Optional.of(name);
  }
}
