package dev.millrace.worker.chaos;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.triggers.testing.KafkaBroker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An event that takes the worker's whole process down whenever it runs. */
class PoisonIT {

  private static final int EVENTS = 100;
  private static final int POISON = 50;

  /** What the manifest says if it says nothing. */
  private static final int MAX_CRASHES = 3;

  private static final long COMMIT_MILLIS = 2_000;
  private static final Duration LIMIT = Duration.ofMinutes(2);

  @TempDir private Path directory;

  private final History history = new History();

  @Test
  void isMetThreeTimesAndThenIsADeadLetter() throws Exception {
    String bootstrap = KafkaBroker.bootstrap();
    ChaosTopics topics = ChaosTopics.create(bootstrap);
    topics.writeManifest(
        directory,
        bootstrap,
        ChaosTopics.MODULE,
        "10m",
        "dead_letter: { to: events/%s }".formatted(topics.letters()));
    try (Observer observer = new Observer(bootstrap, topics, history);
        Sender sender = new Sender(bootstrap, topics.input(), PoisonIT::event, history);
        WorkerNode worker = new WorkerNode("one", directory, history)) {
      sender.send(EVENTS);
      sender.flush();
      for (int crash = 1; crash <= MAX_CRASHES; crash++) {
        worker.start();
        await().atMost(LIMIT).until(() -> history.concluded() == EVENTS - 1);
        await().atMost(LIMIT).until(() -> worker.look().map(this::onlyPoisonRuns).orElse(false));
        worker.kill();
        long at = System.currentTimeMillis();
        history.add(new History.Disturbance("kill -9", at, at));
      }
      worker.start();
      await().atMost(LIMIT).until(() -> history.concluded() == EVENTS);
      await().atMost(LIMIT).until(() -> pending(worker).equals(Optional.of(0L)));
      worker.terminate();
      observer.finish();
    }

    history.write(Path.of("target", "chaos", "poison.txt"));
    List<History.Letter> letters = history.all(History.Letter.class);
    assertEquals(List.of("CRASHED"), letters.stream().map(History.Letter::failure).toList());
    assertEquals(POISON, letters.getFirst().number());
    assertEquals(
        List.of(), new HistoryChecker(ChaosTopics.IN_FLIGHT, COMMIT_MILLIS).check(history));
    assertTrue(
        history.all(History.Exit.class).stream().allMatch(exit -> exit.code() == 0),
        "nothing ran any more when the worker was asked to end");
  }

  private static Workload.Planned event(int number) {
    return number == POISON
        ? new Workload.Planned(number, "poison", 'l')
        : new Workload.Planned(number, "k" + number % 10, 'g');
  }

  private static Optional<Long> pending(WorkerNode worker) throws InterruptedException {
    return worker.look().map(History.Account::pending);
  }

  /** Whether all that the worker has taken is settled but for one event, and that one runs. */
  private boolean onlyPoisonRuns(History.Account account) {
    return account.pending() == 1 && somethingRuns();
  }

  /**
   * Whether the worker has noted that an event runs: in the file that outlives it, 4096 places of
   * 16 bytes from the 16th on.
   */
  private boolean somethingRuns() {
    try {
      byte[] file = Files.readAllBytes(directory.resolve("running.bin"));
      for (int i = 16; i < 16 + 4096 * 16; i++) {
        if (file[i] != 0) {
          return true;
        }
      }
      return false;
    } catch (IOException e) {
      return false;
    }
  }
}
