package dev.millrace.triggers.redis;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LinkTimingsTest {

  @Test
  void waitsLongerWithEachFailureUpToTheLimitAndNeverSpins() {
    LinkTimings timings = LinkTimings.DEFAULT;
    Random random = new Random(7);
    for (int failures = 1; failures < 200; failures++) {
      Duration wait = timings.retryAfter(failures, false, random);

      long bound =
          Math.min(
              timings.lastRetry().toMillis(),
              timings.firstRetry().toMillis() << Math.min(failures - 1, 20));
      assertTrue(wait.toMillis() <= bound, failures + ": " + wait);
      assertTrue(wait.toMillis() >= bound / 10, failures + ": " + wait);
    }
  }

  @Test
  void waitsLongerAfterARefusal() {
    Duration wait = LinkTimings.DEFAULT.retryAfter(1, true, new Random(7));

    assertTrue(wait.compareTo(Duration.ofSeconds(3)) >= 0, wait.toString());
    assertTrue(wait.compareTo(LinkTimings.DEFAULT.refusedRetry()) <= 0, wait.toString());
  }
}
