package dev.millrace.worker.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.triggers.testing.KafkaBroker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker is killed with -9 again and again over many Kafka events: 200 times over 200,000 unless
 * told otherwise. None may be lost, the order of keys is kept, and what ran again is bounded.
 *
 * <pre>{@code
 * mvn -o verify -Psoak -pl worker -am -Dtest=None -Dit.test=CrashSoakIT \
 *     -Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false \
 *     -Dmillrace.soak.kills=200 -Dmillrace.soak.events=200000 [-Dmillrace.chaos.seed=N]
 * }</pre>
 */
@Tag("soak")
class CrashSoakIT {

  private static final Logger LOG = LoggerFactory.getLogger(CrashSoakIT.class);

  private static final int KEYS = 1_000;

  /** The group learns of a killed member after 10 s, and only then gives its partitions away. */
  private static final int LONGEST_MILLIS = 14_000;

  private static final long COMMIT_MILLIS = 2_000;
  private static final Duration LIMIT = Duration.ofMinutes(5);

  @TempDir private Path directory;

  private final History history = new History();

  @Test
  void losesNothingOverManyKills() throws Exception {
    long seed = Long.getLong("millrace.chaos.seed", System.nanoTime());
    int kills = Integer.getInteger("millrace.soak.kills", 200);
    int events = Integer.getInteger("millrace.soak.events", 200_000);
    LOG.atInfo().addKeyValue("seed", seed).addKeyValue("kills", kills).log("crash soak");
    SplittableRandom random = new SplittableRandom(seed);
    String bootstrap = KafkaBroker.bootstrap();
    ChaosTopics topics = ChaosTopics.create(bootstrap);
    topics.writeManifest(directory, bootstrap);
    try (Observer observer = new Observer(bootstrap, topics, history);
        Sender sender =
            new Sender(bootstrap, topics.input(), new Workload(seed, KEYS, false)::event, history);
        WorkerNode worker = new WorkerNode("one", directory, history)) {
      for (int kill = 1; kill <= kills; kill++) {
        sender.send((int) ((long) events * kill / kills) - sender.sent());
        sender.flush();
        int before = history.concluded();
        worker.start();
        awaitKillPoint(random, worker, before);
        worker.kill();
        long at = System.currentTimeMillis();
        history.add(new History.Disturbance("KILL_WORKER", at, at));
        if (kill % 20 == 0) {
          report(kill);
        }
      }
      worker.start();
      await(worker, events);
      while (worker.look().map(History.Account::pending).orElse(1L) > 0) {
        Thread.sleep(100);
      }
      worker.terminate();
      observer.finish();
      history.write(Path.of("target", "chaos", "crash-soak-" + seed + ".txt"));
      report(kills);
    }
    assertEquals(
        List.of(), new HistoryChecker(ChaosTopics.IN_FLIGHT, COMMIT_MILLIS).check(history));
  }

  /**
   * In one case of three at any time, starting included; in one right after an effect; else in the
   * middle.
   */
  private void awaitKillPoint(SplittableRandom random, WorkerNode worker, int before)
      throws Exception {
    switch (random.nextInt(3)) {
      case 0 -> Thread.sleep(random.nextInt(LONGEST_MILLIS));
      case 1 -> await(worker, Math.min(before + 1, history.sent()));
      default -> {
        int open = history.sent() - before;
        await(worker, before + (open == 0 ? 0 : random.nextInt(open)));
      }
    }
  }

  /** Waits until so many events have come to their end. */
  private void await(WorkerNode worker, int concluded) throws Exception {
    long end = System.nanoTime() + LIMIT.toNanos();
    while (history.concluded() < concluded) {
      if (!worker.isRunning() || System.nanoTime() - end > 0) {
        throw new AssertionError(
            "only %d of %d events came to their end:\n%s"
                .formatted(history.concluded(), history.sent(), worker.logTail()));
      }
      Thread.sleep(1);
    }
  }

  private void report(int kills) {
    int effects = history.all(History.Effect.class).size();
    int letters = history.all(History.Letter.class).size();
    LOG.atInfo()
        .addKeyValue("kills", kills)
        .addKeyValue("sent", history.sent())
        .addKeyValue("concluded", history.concluded())
        .addKeyValue("effects", effects)
        .addKeyValue("letters", letters)
        .addKeyValue("again", effects + letters - history.concluded())
        .log("crash soak");
  }
}
