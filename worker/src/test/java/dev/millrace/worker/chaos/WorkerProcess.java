package dev.millrace.worker.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** {@code millrace} in a JVM of its own, on this test's class path. */
final class WorkerProcess implements AutoCloseable {

  private static final String HEAP = "512m";

  private final Process process;

  private WorkerProcess(Process process) {
    this.process = process;
  }

  /**
   * Starts a worker on the manifest of a directory; its output goes to {@code worker.log} there.
   */
  static WorkerProcess start(Path directory) {
    return command(directory, "up", directory.toString());
  }

  /** Starts another command than {@code up}; its output goes to the same place. */
  static WorkerProcess command(Path directory, String... arguments) {
    return run(HEAP, directory, arguments);
  }

  /**
   * Starts a worker that has to make do with less memory.
   *
   * @param heap its largest heap, as {@code -Xmx} takes it
   */
  static WorkerProcess startWith(String heap, Path directory) {
    return run(heap, directory, "up", directory.toString());
  }

  private static WorkerProcess run(String heap, Path directory, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElseThrow());
    command.addAll(
        List.of(
            "-Xmx" + heap,
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            "dev.millrace.worker.cli.Main"));
    command.addAll(List.of(arguments));
    try {
      ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
      builder.redirectOutput(
          ProcessBuilder.Redirect.appendTo(directory.resolve("worker.log").toFile()));
      Process process = builder.start();
      Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
      return new WorkerProcess(process);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  boolean isRunning() {
    return process.isAlive();
  }

  /** SIGKILL. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor();
  }

  /** SIGTERM. */
  void terminate() {
    process.destroy();
  }

  /** The exit code, waited for. */
  int exitCode(Duration limit) throws InterruptedException {
    if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new AssertionError("the worker did not end within " + limit);
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
