package dev.millrace.triggers.cron;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.triggers.cron.CronOptions.Missed;
import dev.millrace.triggers.cron.CronOptions.Overlap;
import java.time.Duration;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CronOptionsTest {

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 10_001})
  void refusesAMissedLimitOutOfRange(int limit) {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> options(limit, Duration.ZERO));

    assertTrue(String.valueOf(refused.getMessage()).contains("1 to 10000"));
  }

  @Test
  void refusesANegativeJitter() {
    assertThrows(IllegalArgumentException.class, () -> options(1, Duration.ofMillis(-1)));
  }

  private static CronOptions options(int missedLimit, Duration jitter) {
    return new CronOptions(
        "@daily",
        ZoneOffset.UTC,
        Missed.ALL,
        missedLimit,
        Overlap.SKIP,
        jitter,
        null,
        "application/json");
  }
}
