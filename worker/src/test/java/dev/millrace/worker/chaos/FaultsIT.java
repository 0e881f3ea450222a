package dev.millrace.worker.chaos;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each fault once, in an order drawn from a seed, while events of every kind come in: some succeed,
 * at once or after retries, some are rejected, trap or never end.
 *
 * <p>{@code -Dmillrace.chaos.seed=N} draws the same events, order and pauses again. What was seen
 * is in {@code target/chaos}. {@link SoakIT} is the long form.
 *
 * <p>Shown to see: with {@code OffsetTracker.lowestOpen} answering {@code next}, {@code
 * Lanes.enter} answering true behind a head too, {@code Account.settle} passing over a success now
 * and then, and {@code KafkaDeadLetterSink} taking the data through a {@code String}, it tells of
 * lost events, early commits, lost order, accounts that do not balance and dead letters with other
 * bytes.
 */
class FaultsIT {

  private static final int PER_SECOND = 120;

  @TempDir private Path directory;

  @Test
  void keepsEveryPromiseThroughEachFault() throws Exception {
    long seed = Long.getLong("millrace.chaos.seed", System.nanoTime());
    List<Fault> faults = new ArrayList<>(List.of(Fault.values()));
    Collections.shuffle(faults, new Random(seed));
    try (ChaosRun run = ChaosRun.begin("faults", seed, PER_SECOND, directory)) {
      for (Fault fault : faults) {
        run.strike(fault);
      }
      run.finish();
    }
  }
}
