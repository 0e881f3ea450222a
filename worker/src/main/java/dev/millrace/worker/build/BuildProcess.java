package dev.millrace.worker.build;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;

/** One build command as a process of the system, together with all that it starts. */
final class BuildProcess {

  /** Enough for any compiler's reason; what comes later is shown, too, but not kept. */
  private static final int KEPT_CHARACTERS = 1 << 20;

  /**
   * How it ended.
   *
   * @param output what it wrote, standard output and standard error as they came
   */
  record End(int exitCode, Duration duration, String output) {}

  private BuildProcess() {}

  /**
   * Runs a command. Blocks until it has ended.
   *
   * @param lines takes each line that it writes
   * @throws InterruptedException if the thread is interrupted; the command is then ended
   */
  static End run(String command, Path directory, Consumer<String> lines)
      throws InterruptedException {
    long began = System.nanoTime();
    StringBuilder output = new StringBuilder();
    int exitCode;
    try {
      Process process =
          new ProcessBuilder("sh", "-c", command)
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .redirectInput(new File("/dev/null"))
              .start();
      // Reading cannot be interrupted; its thread ends with the process, whose output it reads.
      Thread reader =
          Thread.ofVirtual()
              .start(
                  () ->
                      read(
                          process,
                          line -> {
                            if (output.length() < KEPT_CHARACTERS) {
                              output.append(line).append('\n');
                            }
                            lines.accept(line);
                          }));
      try {
        exitCode = process.waitFor();
        reader.join();
      } catch (InterruptedException e) {
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
        throw e;
      }
    } catch (IOException e) {
      lines.accept("cannot be started: " + e.getMessage());
      exitCode = 126;
    }
    return new End(exitCode, Duration.ofNanos(System.nanoTime() - began), output.toString());
  }

  private static void read(Process process, Consumer<String> lines) {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      reader.lines().forEach(lines);
    } catch (IOException | java.io.UncheckedIOException e) {
      lines.accept("its output cannot be read: " + e.getMessage());
    }
  }
}
