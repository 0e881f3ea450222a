package dev.millrace.worker.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.worker.bench.Bench;
import dev.millrace.worker.bench.Rehearsal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RehearseCommandTest {

  @TempDir private Path home;

  @Test
  void leavesNoCacheBehindWhenItFails() throws Exception {
    Files.createDirectories(home.resolve("lib"));
    Files.writeString(home.resolve("lib/millrace-worker.jar"), "the worker");
    Files.writeString(home.resolve("lib/millrace.aot"), "of another build");
    Files.writeString(home.resolve("lib/millrace.aot.key"), "of another build");

    boolean failed = false;
    try (Bench bench = new Bench(new Bench.Options(false, home), home, line -> {})) {
      Rehearsal.record(bench, home); // there is no Kafka server in this distribution
    } catch (IOException | RuntimeException e) {
      failed = true;
    }

    assertTrue(failed);
    try (Stream<Path> left = Files.list(home.resolve("lib"))) {
      assertEquals(
          "millrace-worker.jar",
          left.map(file -> file.getFileName().toString()).reduce((a, b) -> a + " " + b).orElse(""));
    }
  }

  @Test
  void saysInOneLineThatThereIsNoCache() {
    String line = RehearseCommand.failure("the worker did not get ready: first\nsecond\nthird");

    assertEquals(
        "no start-up cache was written, so that starts take longer: the worker did not get ready:"
            + " first",
        line);
  }

  @Test
  void isNoCommandForUsers() {
    assertFalse(Main.commandLine().getUsageMessage().contains("rehearse"));
  }
}
