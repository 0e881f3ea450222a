package dev.millrace.triggers.kafka;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.jspecify.annotations.Nullable;

/**
 * Tells whether a consumer hears of its brokers. The client itself never says: {@code poll} returns
 * nothing, and throws nothing, for as long as they are away. Its own metrics tell the open
 * connections and the answers that came in.
 *
 * <p>Confined to the poll thread.
 */
final class ConnectionWatch {

  /** Of a consumer, and of a share consumer. */
  private static final Set<String> GROUPS = Set.of("consumer-metrics", "consumer-share-metrics");

  private final @Nullable Metric connections;
  private final @Nullable Metric answers;
  private final long graceNanos;
  private final long silenceNanos;
  private double lastAnswers;
  private long lastAnswerAt;

  /**
   * A watch over a client's metrics; without the two metrics it takes the brokers for present.
   *
   * @param metrics the consumer's metrics
   * @param now a reading of the nanosecond clock
   * @param grace how long no connection at all is borne
   * @param silence how long no answer over an open connection is borne
   */
  ConnectionWatch(
      Map<MetricName, ? extends Metric> metrics, long now, Duration grace, Duration silence) {
    this.connections = find(metrics, "connection-count");
    this.answers = find(metrics, "response-total");
    this.graceNanos = grace.toNanos();
    this.silenceNanos = silence.toNanos();
    this.lastAnswerAt = now;
  }

  /** Whether brokers answer, as far as can be told at this reading of the nanosecond clock. */
  boolean isReachable(long now) {
    if (connections == null || answers == null) {
      return true;
    }
    double heard = value(answers);
    if (heard > lastAnswers) {
      lastAnswers = heard;
      lastAnswerAt = now;
      return true;
    }
    boolean open = heard > 0 && value(connections) > 0;
    return now - lastAnswerAt <= (open ? silenceNanos : graceNanos);
  }

  /** Whether a broker ever answered, as far as can be told. */
  boolean hasHeard() {
    return answers == null || lastAnswers > 0;
  }

  private static double value(Metric metric) {
    return metric.metricValue() instanceof Double number ? number : 0;
  }

  private static @Nullable Metric find(Map<MetricName, ? extends Metric> metrics, String name) {
    for (Map.Entry<MetricName, ? extends Metric> entry : metrics.entrySet()) {
      if (GROUPS.contains(entry.getKey().group()) && entry.getKey().name().equals(name)) {
        return entry.getValue();
      }
    }
    return null;
  }
}
