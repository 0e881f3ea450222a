package dev.millrace.triggers.kafka;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a share group keeps at the broker and not at its members: where it begins, whether it reads
 * what is not committed, and how often it delivers a record before it gives it up. Kafka's defaults
 * lose records (it begins at the end) or read aborted ones; this sets them as the manifest has
 * promised, where the broker allows it.
 *
 * <p>Safe for any thread; its questions to the broker block, each for a bounded time.
 */
final class ShareGroup {

  static final String START = "share.auto.offset.reset";
  static final String ISOLATION = "share.isolation.level";
  static final String DELIVERIES = "share.delivery.count.limit";

  /** As many deliveries as a broker allows by default. */
  static final int MOST_DELIVERIES = 10;

  private static final Logger LOG = LoggerFactory.getLogger(ShareGroup.class);
  private static final int KAFKA_DELIVERIES = 5;

  private final String trigger;
  private final KafkaConnection connection;
  private final KafkaQueueOptions options;
  private volatile int deliveries = KAFKA_DELIVERIES;
  private boolean prepared;

  ShareGroup(String trigger, KafkaConnection connection, KafkaQueueOptions options) {
    this.trigger = trigger;
    this.connection = connection;
    this.options = options;
  }

  /** How often the broker delivers a record before it gives it up, as far as is known. */
  int deliveries() {
    return deliveries;
  }

  /**
   * Sets what the group needs; only the first success does something. What a person has set for the
   * group stays, but for where it begins. A broker that does not allow it is not an error: one
   * warning says what to do by hand.
   *
   * @throws KafkaException if the broker does not answer
   */
  synchronized void prepare(Duration limit) {
    if (prepared) {
      return;
    }
    ConfigResource group = new ConfigResource(ConfigResource.Type.GROUP, options.group());
    Admin admin = KafkaClients.make(KafkaClients.admin(trigger, connection), Admin::create);
    try {
      Map<String, String> wrong = new TreeMap<>();
      Config config = describe(admin, group, limit);
      wanted().forEach((key, value) -> change(config, key, value, wrong));
      for (Map.Entry<String, String> entry : Map.copyOf(wrong).entrySet()) {
        if (isSet(admin, group, entry, limit)) {
          wrong.remove(entry.getKey());
        }
      }
      remember(config, wrong);
      if (!wrong.isEmpty()) {
        warn(wrong);
      }
      prepared = true;
    } finally {
      admin.close(Duration.ZERO); // else it waits for answers that nobody waits for any more
    }
  }

  /** Those of the topics that do not exist. */
  Set<String> missingTopics(Duration limit) {
    Admin admin = KafkaClients.make(KafkaClients.admin(trigger, connection), Admin::create);
    try {
      Set<String> missing = new TreeSet<>(options.topics());
      missing.removeAll(get(admin.listTopics().names(), limit));
      return missing;
    } finally {
      admin.close(Duration.ZERO);
    }
  }

  private Map<String, String> wanted() {
    return Map.of(
        START,
        options.start().name().toLowerCase(Locale.ROOT),
        ISOLATION,
        "read_committed",
        DELIVERIES,
        Integer.toString(MOST_DELIVERIES));
  }

  private static Config describe(Admin admin, ConfigResource group, Duration limit) {
    try {
      return get(admin.describeConfigs(List.of(group)).values().get(group), limit);
    } catch (TimeoutException e) {
      throw e;
    } catch (KafkaException e) {
      return new Config(List.of()); // then nothing is known, and all of it is tried
    }
  }

  private static void change(Config config, String key, String value, Map<String, String> wrong) {
    ConfigEntry now = config.get(key);
    boolean byHand = now != null && now.source() == ConfigEntry.ConfigSource.DYNAMIC_GROUP_CONFIG;
    if (now == null || (!value.equals(now.value()) && (!byHand || key.equals(START)))) {
      wrong.put(key, value);
    }
  }

  private static boolean isSet(
      Admin admin, ConfigResource group, Map.Entry<String, String> entry, Duration limit) {
    Collection<AlterConfigOp> set =
        List.of(
            new AlterConfigOp(
                new ConfigEntry(entry.getKey(), entry.getValue()), AlterConfigOp.OpType.SET));
    try {
      get(admin.incrementalAlterConfigs(Map.of(group, set)).all(), limit);
      return true;
    } catch (TimeoutException e) {
      throw e;
    } catch (KafkaException e) {
      LOG.atDebug().addKeyValue("key", entry.getKey()).setCause(e).log("not set");
      return false;
    }
  }

  private void remember(Config before, Map<String, String> notSet) {
    ConfigEntry limit = before.get(DELIVERIES);
    boolean byHand =
        limit != null && limit.source() == ConfigEntry.ConfigSource.DYNAMIC_GROUP_CONFIG;
    if (byHand || notSet.containsKey(DELIVERIES)) {
      deliveries = limit == null ? KAFKA_DELIVERIES : Integer.parseInt(limit.value());
    } else {
      deliveries = MOST_DELIVERIES;
    }
  }

  private void warn(Map<String, String> notSet) {
    StringBuilder settings = new StringBuilder();
    notSet.forEach(
        (key, value) ->
            settings.append(settings.isEmpty() ? "" : ",").append(key).append('=').append(value));
    LOG.atWarn()
        .addKeyValue("trigger", trigger)
        .addKeyValue("group", options.group())
        .log(
            "the broker does not let this trigger configure its share group; until somebody does,"
                + " it may begin elsewhere, read aborted records or give records up early: {}",
            "kafka-configs.sh --alter --entity-type groups --entity-name "
                + options.group()
                + " --add-config "
                + settings);
  }

  private static <T> T get(Future<T> answer, Duration limit) {
    try {
      return answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof KafkaException kafka ? kafka : new KafkaException(e.getCause());
    } catch (java.util.concurrent.TimeoutException e) {
      throw new TimeoutException("no answer of the broker within " + limit.toSeconds() + " s", e);
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }
}
