package dev.millrace.worker.testing;

import dev.millrace.worker.manifest.TestSpec;
import java.time.Duration;
import java.util.List;

/**
 * How a test went.
 *
 * @param differences what was not as expected, one sentence each; empty when the test passed
 * @param duration how long its attempts took together
 */
public record TestResult(TestSpec test, List<String> differences, Duration duration) {

  public TestResult {
    differences = List.copyOf(differences);
  }

  public boolean passed() {
    return differences.isEmpty();
  }
}
