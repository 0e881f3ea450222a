package dev.millrace.worker.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/** {@code millrace} in a JVM of its own, on this test's class path. */
final class WorkerProcess implements AutoCloseable {

  private static final String HEAP = "512m";

  private static final Duration PATIENCE = Duration.ofMinutes(4);

  private final Process process;
  private final Path log;

  private WorkerProcess(Process process, Path log) {
    this.process = process;
    this.log = log;
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
      Path log = directory.resolve("worker.log");
      ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
      builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
      Process process = builder.start();
      Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
      return new WorkerProcess(process, log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  boolean isRunning() {
    return process.isAlive();
  }

  /**
   * Looks again and again until so many events took effect. Fails, with the end of the worker's
   * log, if the worker ends before, or after four minutes.
   *
   * @param look sees what is new, and waits a moment if nothing is
   */
  void await(int events, IntSupplier tookEffect, Runnable look) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (tookEffect.getAsInt() < events) {
      if (!isRunning() || System.nanoTime() - deadline > 0) {
        throw new AssertionError(
            "only %d events took effect and the worker %s:\n%s"
                .formatted(tookEffect.getAsInt(), isRunning() ? "is running" : "ended", logTail()));
      }
      look.run();
    }
  }

  private String logTail() {
    try {
      String text = Files.readString(log, StandardCharsets.UTF_8);
      return text.substring(Math.max(0, text.length() - 4_000));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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
