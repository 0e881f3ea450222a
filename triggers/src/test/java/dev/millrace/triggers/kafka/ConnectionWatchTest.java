package dev.millrace.triggers.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Map;
import java.util.function.DoubleSupplier;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.junit.jupiter.api.Test;

class ConnectionWatchTest {

  private static final long SECOND = 1_000_000_000;

  private double connections;
  private double answers;
  private final ConnectionWatch watch =
      new ConnectionWatch(
          Map.of(
              name("connection-count"), metric(() -> connections),
              name("response-total"), metric(() -> answers)),
          0,
          Duration.ofSeconds(3),
          Duration.ofSeconds(20));

  private static MetricName name(String name) {
    return new MetricName(name, "consumer-metrics", "", Map.of());
  }

  private static Metric metric(DoubleSupplier value) {
    return new Metric() {
      @Override
      public MetricName metricName() {
        return name("any");
      }

      @Override
      public Object metricValue() {
        return value.getAsDouble();
      }
    };
  }

  @Test
  void bearsAShortTimeWithoutConnection() {
    assertTrue(watch.isReachable(3 * SECOND));
    assertFalse(watch.isReachable(4 * SECOND));
  }

  @Test
  void isThereAsSoonAsSomethingIsHeard() {
    assertFalse(watch.isReachable(60 * SECOND));
    connections = 1;
    answers = 1;

    assertTrue(watch.isReachable(61 * SECOND));
  }

  @Test
  void aConnectionThatNeverAnsweredIsNone() {
    connections = 1;

    assertFalse(watch.isReachable(4 * SECOND));
  }

  @Test
  void bearsALongerSilenceOverAnOpenConnection() {
    connections = 1;
    answers = 5;
    assertTrue(watch.isReachable(SECOND));

    assertTrue(watch.isReachable(20 * SECOND));
    assertFalse(watch.isReachable(22 * SECOND));
  }

  @Test
  void noticesThatAllConnectionsWentAway() {
    connections = 1;
    answers = 5;
    assertTrue(watch.isReachable(SECOND));
    connections = 0;

    assertTrue(watch.isReachable(3 * SECOND));
    assertFalse(watch.isReachable(5 * SECOND));
  }

  @Test
  void aClientWithoutTheseMetricsIsTakenForConnected() {
    ConnectionWatch blind =
        new ConnectionWatch(Map.of(), 0, Duration.ofSeconds(3), Duration.ofSeconds(20));

    assertEquals(true, blind.isReachable(1_000 * SECOND));
  }
}
