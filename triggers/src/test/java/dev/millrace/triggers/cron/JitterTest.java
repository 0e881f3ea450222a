package dev.millrace.triggers.cron;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class JitterTest {

  private static final Instant GRID_TIME = Instant.parse("2026-01-01T10:01:00Z");

  /** Replicas of different builds have to agree: another value is an incompatible change. */
  @Test
  void isTheSameInEveryProcess() {
    assertEquals(
        Duration.ofMillis(50_028), new Jitter(Duration.ofMinutes(1)).of("nightly", GRID_TIME));
  }

  @Test
  void isNothingWithoutJitter() {
    assertEquals(Duration.ZERO, new Jitter(Duration.ZERO).of("nightly", GRID_TIME));
  }

  @Test
  void spreadsTriggersOverTheWholeRange() {
    Jitter jitter = new Jitter(Duration.ofSeconds(9));

    Set<Long> seconds =
        IntStream.range(0, 1000)
            .mapToObj(i -> jitter.of("trigger-" + i, GRID_TIME))
            .peek(delay -> assertTrue(delay.compareTo(Duration.ofSeconds(9)) <= 0))
            .map(Duration::toSeconds)
            .collect(Collectors.toSet());

    assertTrue(seconds.size() >= 9, seconds.toString());
  }
}
