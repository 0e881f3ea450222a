package dev.millrace.worker.build;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.worker.manifest.BuildSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Build commands run at once, say who they are, and end with who asked for them. */
@Timeout(30)
class BuildsTest {

  @TempDir private Path directory;

  private final ConcurrentLinkedQueue<String> lines = new ConcurrentLinkedQueue<>();

  @Test
  void runsSeveralAtOnceAndTellsTheirLinesApart() throws Exception {
    List<BuildSpec> builds =
        List.of(
            spec("a", "touch a; until [ -e b ]; do sleep 0.05; done; echo out of a"),
            spec("b", "touch b; until [ -e a ]; do sleep 0.05; done; echo out of b >&2; exit 3"));

    List<Builds.Result> results = new Builds(lines::add, 2).run(builds);

    assertEquals(
        builds, results.stream().map(Builds.Result::build).toList(), "in the order of the builds");
    assertEquals(List.of(0, 3), results.stream().map(Builds.Result::exitCode).toList());
    assertEquals(List.of("a | out of a", "b | out of b"), lines.stream().sorted().toList());
  }

  @Test
  void endsACommandAndWhatItStartedWithItsCaller() throws Exception {
    Builds builds = new Builds(lines::add, 1);
    Thread caller =
        Thread.ofPlatform()
            .start(
                () ->
                    assertThrows(
                        InterruptedException.class,
                        () ->
                            builds.run(
                                List.of(spec("a", "sleep 60 & echo $! > child; wait; true")))));
    await().until(() -> Files.exists(directory.resolve("child")));
    await().until(() -> !Files.readString(directory.resolve("child")).isBlank());
    long child = Long.parseLong(Files.readString(directory.resolve("child")).strip());

    caller.interrupt();

    assertTrue(caller.join(Duration.ofSeconds(10)));
    await().until(() -> ProcessHandle.of(child).filter(ProcessHandle::isAlive).isEmpty());
  }

  @Test
  void keepsTheEnvironment() throws Exception {
    new Builds(lines::add, 1).run(List.of(spec("a", "echo $PATH")));

    assertEquals(List.of("a | " + System.getenv("PATH")), List.copyOf(lines));
  }

  private BuildSpec spec(String function, String command) {
    return new BuildSpec(function, command, directory, List.of());
  }
}
