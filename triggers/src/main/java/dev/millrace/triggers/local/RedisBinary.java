package dev.millrace.triggers.local;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import redis.embedded.core.ExecutableProvider;

/**
 * Finds a Redis server program that runs on this machine: the one that comes with this library for
 * common systems, else {@code redis-server} on the PATH. Looked for once in the life of the JVM.
 */
final class RedisBinary {

  private static @Nullable Path found;

  private RedisBinary() {}

  /**
   * The program. Blocks while it is extracted and tried, a fraction of a second the first time.
   *
   * @throws IllegalStateException if no Redis runs here, with the reason for each one tried
   */
  static synchronized Path path() {
    Path known = found;
    if (known != null && Files.isExecutable(known)) {
      return known;
    }
    List<String> failures = new ArrayList<>();
    Path usable = embedded(failures);
    if (usable == null) {
      usable = onPath(failures);
    }
    if (usable == null) {
      throw new IllegalStateException(
          "no Redis runs on this machine ("
              + String.join("; ", failures)
              + "); install redis-server, or let the connection name a Redis that runs elsewhere");
    }
    found = usable;
    return usable;
  }

  private static @Nullable Path embedded(List<String> failures) {
    try {
      File directory = Files.createTempDirectory("millrace-redis-bin").toFile();
      directory.deleteOnExit();
      File binary = ExecutableProvider.newJarResourceProvider(directory).get();
      binary.deleteOnExit();
      return usable(binary.toPath(), "the embedded redis-server", failures);
    } catch (IOException | RuntimeException e) {
      failures.add("there is no embedded redis-server for this system: " + e);
      return null;
    }
  }

  private static @Nullable Path onPath(List<String> failures) {
    String path = System.getenv("PATH");
    for (String directory : path == null ? new String[0] : path.split(File.pathSeparator, -1)) {
      Path candidate = Path.of(directory, "redis-server");
      if (Files.isExecutable(candidate)) {
        return usable(candidate, candidate.toString(), failures);
      }
    }
    failures.add("there is no redis-server on the PATH");
    return null;
  }

  /** The program itself if it starts at all: another CPU or a missing library shows only then. */
  private static @Nullable Path usable(Path program, String name, List<String> failures) {
    try {
      Process process =
          new ProcessBuilder(program.toString(), "--version")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (process.waitFor(30, TimeUnit.SECONDS) && process.exitValue() == 0) {
        return program;
      }
      process.destroyForcibly();
      failures.add(name + " does not run here");
    } catch (IOException e) {
      failures.add(name + " does not run here: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      failures.add("interrupted while trying " + name);
    }
    return null;
  }
}
