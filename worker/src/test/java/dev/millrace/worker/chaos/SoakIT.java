package dev.millrace.worker.chaos;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What {@link FaultsIT} does, for half an hour: random faults, as many as there is time for.
 *
 * <pre>{@code
 * mvn -o verify -Psoak -pl worker -am -Dtest=None -Dit.test=SoakIT \
 *     -Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false \
 *     -Dmillrace.soak.minutes=30 [-Dmillrace.chaos.seed=N]
 * }</pre>
 */
@Tag("soak")
class SoakIT {

  private static final int PER_SECOND = 200;

  @TempDir private Path directory;

  @Test
  void keepsEveryPromiseForALongTime() throws Exception {
    long seed = Long.getLong("millrace.chaos.seed", System.nanoTime());
    Duration length = Duration.ofMinutes(Long.getLong("millrace.soak.minutes", 30));
    try (ChaosRun run = ChaosRun.begin("soak", seed, PER_SECOND, directory)) {
      long end = System.nanoTime() + length.toNanos();
      Fault[] faults = Fault.values();
      while (System.nanoTime() - end < 0) {
        run.strike(faults[run.random().nextInt(faults.length)]);
      }
      run.finish();
    }
  }
}
