package dev.millrace.worker.store;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.triggers.Journal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A writing process is killed with SIGKILL; what it was told is stored must be there. */
class SqliteCrashIT {

  private static final int KILLS = 4;

  @TempDir Path directory;

  @Test
  void losesNothingConfirmedAndRepeatsNoSequence() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Path file = directory.resolve("store.db");
    Set<Long> everConfirmed = new HashSet<>();
    Set<Long> everRemoved = new HashSet<>();
    Set<String> letters = new HashSet<>();
    for (int kill = 0; kill < KILLS; kill++) {
      String where = "seed " + seed + ", kill " + kill;
      for (String line : runAndKill(file, kill, random)) {
        String said = line.substring(line.indexOf(' ') + 1);
        if (line.startsWith("journal ")) {
          assertTrue(everConfirmed.add(Long.valueOf(said)), "sequence came twice, " + where);
        } else if (line.startsWith("removing ")) {
          everRemoved.add(Long.valueOf(said));
        } else if (line.startsWith("letter ")) {
          letters.add(said);
        }
      }
      try (Store store = SqliteStore.open(file, StoreOptions.DEFAULT)) {
        Set<Long> missing = new HashSet<>(everConfirmed);
        missing.removeAll(everRemoved);
        missing.removeAll(present(store));
        assertEquals(Set.of(), missing, where);
        Set<String> lostLetters = new HashSet<>(letters);
        store
            .deadLetters()
            .list(DeadLetters.Filter.ALL, 1_000_000)
            .forEach(each -> lostLetters.remove(each.id()));
        assertEquals(Set.of(), lostLetters, where);
      }
    }
    System.out.printf(
        "%d events and %d dead letters confirmed over %d kills, none missing (seed %d)%n",
        everConfirmed.size(), letters.size(), KILLS, seed);
    assertTrue(everConfirmed.size() > 100);
  }

  @Test
  void refusesAStoreThatAnotherProcessHasOpenUntilThatIsGone() throws Exception {
    Path file = directory.resolve("store.db");
    Child other = Child.start(file, 0);
    try {
      other.awaitFirstWrite();

      StoreException refusal =
          assertThrows(
              StoreException.class, () -> SqliteStore.open(file, StoreOptions.DEFAULT).close());

      assertTrue(
          refusal.getMessage().contains("another worker (process " + other.process().pid() + ")"),
          refusal.getMessage());
    } finally {
      other.kill();
    }
    SqliteStore.open(file, StoreOptions.DEFAULT).close();
  }

  /** Lets a process write for a moment and kills it; returns the whole lines that it said. */
  private static List<String> runAndKill(Path file, int kill, Random random)
      throws IOException, InterruptedException {
    Child child = Child.start(file, kill);
    try {
      child.awaitFirstWrite();
      Thread.sleep(random.nextInt(700));
    } finally {
      child.kill();
    }
    String said = child.said();
    return said.substring(0, said.lastIndexOf('\n') + 1).lines().toList();
  }

  /**
   * A {@link CrashingWriter}, which says what it does to a file: what a killed process wrote to a
   * pipe may be lost.
   */
  private record Child(Process process, Path output) {

    static Child start(Path file, int kill) throws IOException {
      Path output = file.resolveSibling("said-" + kill);
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Xmx256m",
                  "-XX:+UseSerialGC",
                  "--enable-native-access=ALL-UNNAMED",
                  "-cp",
                  System.getProperty("java.class.path"),
                  CrashingWriter.class.getName(),
                  file.toString(),
                  Integer.toString(kill))
              .redirectOutput(output.toFile())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      return new Child(process, output);
    }

    void awaitFirstWrite() {
      await().atMost(Duration.ofSeconds(60)).until(() -> said().contains("journal "));
    }

    void kill() throws InterruptedException {
      process.destroyForcibly().waitFor();
    }

    String said() throws IOException {
      return Files.readString(output);
    }
  }

  private static Set<Long> present(Store store) {
    return store.journal().read("t", 0, Integer.MAX_VALUE).stream()
        .map(Journal.Entry::sequence)
        .collect(Collectors.toSet());
  }
}
