package dev.millrace.worker.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.triggers.Journal;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
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
    Process other = start(file, 0);
    try {
      assertTrue(other.getInputStream().read() >= 0, "it writes");

      StoreException refusal =
          assertThrows(
              StoreException.class, () -> SqliteStore.open(file, StoreOptions.DEFAULT).close());

      assertTrue(
          refusal.getMessage().contains("another worker (process " + other.pid() + ")"),
          refusal.getMessage());
    } finally {
      other.destroyForcibly().waitFor();
    }
    SqliteStore.open(file, StoreOptions.DEFAULT).close();
  }

  /**
   * Lets a process write for a moment; returns the whole lines that it said before it was killed.
   */
  private static List<String> runAndKill(Path file, int kill, Random random)
      throws IOException, InterruptedException {
    Process process = start(file, kill);
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    CountDownLatch writing = new CountDownLatch(1);
    Thread reader =
        Thread.ofPlatform()
            .start(
                () -> {
                  try (InputStream output = process.getInputStream()) {
                    byte[] some = new byte[4096];
                    for (int n = output.read(some); n >= 0; n = output.read(some)) {
                      said.write(some, 0, n);
                      writing.countDown();
                    }
                  } catch (IOException e) {
                    throw new UncheckedIOException(e);
                  }
                });
    try {
      assertTrue(writing.await(60, TimeUnit.SECONDS), "the process did not begin to write");
      Thread.sleep(random.nextInt(700));
    } finally {
      process.destroyForcibly().waitFor();
    }
    reader.join();
    String text = said.toString(StandardCharsets.UTF_8);
    return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
  }

  private static Process start(Path file, int kill) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            CrashingWriter.class.getName(),
            file.toString(),
            Integer.toString(kill))
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private static Set<Long> present(Store store) {
    return store.journal().read("t", 0, Integer.MAX_VALUE).stream()
        .map(Journal.Entry::sequence)
        .collect(Collectors.toSet());
  }
}
