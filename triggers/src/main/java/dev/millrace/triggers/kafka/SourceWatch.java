package dev.millrace.triggers.kafka;

import dev.millrace.triggers.TriggerStatus.State;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks, from time to time, whether the broker is there, the group is joined and the topics exist,
 * and shows it on the status board. Confined to the poll thread.
 */
final class SourceWatch {

  private static final Logger LOG = LoggerFactory.getLogger(SourceWatch.class);
  private static final long INTERVAL_NANOS = 200_000_000;
  private static final long LAG_INTERVAL_NANOS = 1_000_000_000;

  private final String trigger;
  private final KafkaTriggerOptions options;
  private final KafkaTiming timing;
  private final Consumer<?, ?> consumer;
  private final StartPositions starts;
  private final LongSupplier nanoTime;
  private final ConnectionWatch connection;
  private final Set<String> missing = new TreeSet<>();
  private OptionalLong lag = OptionalLong.empty();
  private long nextLook;
  private long nextLag;
  private long nextTopicCheck;

  SourceWatch(
      String trigger,
      KafkaTriggerOptions options,
      KafkaTiming timing,
      Consumer<?, ?> consumer,
      StartPositions starts,
      LongSupplier nanoTime) {
    this.trigger = trigger;
    this.options = options;
    this.timing = timing;
    this.consumer = consumer;
    this.starts = starts;
    this.nanoTime = nanoTime;
    long now = nanoTime.getAsLong();
    this.connection =
        new ConnectionWatch(consumer.metrics(), now, timing.grace(), timing.silence());
    this.nextLook = now;
    this.nextLag = now;
    this.nextTopicCheck = now;
  }

  /**
   * Looks, if it is time to or the trigger was paused or resumed.
   *
   * @param paused whether the trigger takes no events now
   * @param pending how many records were received and not offered yet
   */
  void observe(boolean paused, Assignment assignment, int pending, StatusBoard board) {
    long now = nanoTime.getAsLong();
    boolean shownPaused = board.status().state() == State.PAUSED;
    if (now - nextLook < 0 && paused == shownPaused) {
      return;
    }
    nextLook = now + INTERVAL_NANOS;
    if (!connection.isReachable(now)) {
      board.lost("no answer from the Kafka brokers of group '" + options.group() + "'");
      return;
    }
    if (consumer.groupMetadata().generationId() <= 0) {
      if (!board.isConnected()) {
        board.connecting("joining group '" + options.group() + "'");
      }
      return;
    }
    if (now - nextTopicCheck >= 0) {
      nextTopicCheck = now + timing.topicCheck().toNanos();
      checkTopics(assignment.ids());
    }
    if (now - nextLag >= 0) {
      nextLag = now + LAG_INTERVAL_NANOS;
      lag = lag(assignment, pending);
    }
    board.reached(paused, detail(), lag);
  }

  private void checkTopics(Set<TopicPartition> assigned) {
    Set<String> present = assigned.stream().map(TopicPartition::topic).collect(Collectors.toSet());
    missing.removeAll(present);
    for (String topic : options.topics()) {
      if (present.contains(topic)) {
        continue;
      }
      boolean exists;
      try {
        exists = !consumer.partitionsFor(topic, timing.grace()).isEmpty();
      } catch (TimeoutException e) {
        continue; // nothing is known; asked again later
      }
      if (exists) {
        missing.remove(topic);
      } else {
        starts.missing(topic);
        if (missing.add(topic)) {
          LOG.atWarn()
              .addKeyValue("trigger", trigger)
              .addKeyValue("topic", topic)
              .log("the topic does not exist; waiting for somebody to create it");
        }
      }
    }
  }

  /** Records at the broker that were not read, and those read that are not offered yet. */
  private OptionalLong lag(Assignment assignment, int pending) {
    long sum = pending;
    for (TopicPartition id : assignment.ids()) {
      OptionalLong one = consumer.currentLag(id);
      if (one.isEmpty()) {
        return OptionalLong.empty();
      }
      sum += one.getAsLong();
    }
    return OptionalLong.of(sum);
  }

  private String detail() {
    if (missing.isEmpty()) {
      return "";
    }
    return "waiting for "
        + (missing.size() == 1 ? "a topic" : "topics")
        + " that "
        + (missing.size() == 1 ? "does" : "do")
        + " not exist: "
        + String.join(", ", missing);
  }
}
