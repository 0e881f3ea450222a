package dev.millrace.worker.bench;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A worker in a process of its own, from the launcher of a distribution, until it is ready. */
final class StartedWorker {

  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int POLL_MILLIS = 20;
  private static final int ANSWER_MILLIS = 2_000;

  /** Below the ports that connections begin from: polling must not come to meet itself. */
  private static final int FIRST_PORT = 20_000;

  private static final int LAST_PORT = 30_000;

  private StartedWorker() {}

  /**
   * What one start took.
   *
   * @param cpuNanos processor time of the process up to the moment when it was ready
   * @param wallNanos by the clock
   */
  record Start(long cpuNanos, long wallNanos) {}

  /** What is done with a worker that is ready. */
  @FunctionalInterface
  interface Meanwhile {
    void run() throws InterruptedException;
  }

  /**
   * How to start.
   *
   * @param home the distribution
   * @param manifest names {@code port} for its admin server
   */
  record Launch(Path home, Path manifest, int port) {

    /**
     * Starts the worker, waits until it is ready, and ends it in an orderly way. Blocks.
     *
     * @throws IOException if it is not ready in time; the message names its log
     */
    Start measure(Map<String, String> environment) throws IOException, InterruptedException {
      return measure(environment, () -> {});
    }

    /**
     * The same, with something to do between ready and the end. Blocks.
     *
     * @throws IOException as {@link #measure(Map)}
     */
    Start measure(Map<String, String> environment, Meanwhile meanwhile)
        throws IOException, InterruptedException {
      Path log = Files.createTempFile(manifest.getParent(), "start-", ".log");
      ProcessBuilder builder =
          new ProcessBuilder(
              home.resolve("bin").resolve("millrace").toString(), "up", manifest.toString());
      // The launcher told this process to be quiet; a worker is to log as it does for users.
      builder.environment().remove("MILLRACE_LOG");
      builder.environment().put("MILLRACE_JAVA_HOME", System.getProperty("java.home"));
      builder.environment().putAll(environment);
      builder.redirectErrorStream(true).redirectOutput(log.toFile());
      long began = System.nanoTime();
      Process process = builder.start();
      try {
        while (!answers("/readyz")) {
          if (!process.isAlive() || System.nanoTime() - began > LIMIT.toNanos()) {
            throw new IOException("the worker did not get ready: " + Files.readString(log));
          }
          Thread.sleep(POLL_MILLIS);
        }
        long wall = System.nanoTime() - began;
        long cpu = process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos();
        meanwhile.run();
        process.destroy();
        if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
          throw new IOException("the worker did not end: " + Files.readString(log));
        }
        return new Start(cpu, wall);
      } finally {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
      }
    }

    /** Whether the admin server answers {@code 200} there within its time. */
    boolean answers(String path) {
      try {
        HttpURLConnection asked =
            (HttpURLConnection)
                URI.create("http://127.0.0.1:" + port + path).toURL().openConnection();
        asked.setConnectTimeout(ANSWER_MILLIS);
        asked.setReadTimeout(ANSWER_MILLIS);
        return asked.getResponseCode() == HttpURLConnection.HTTP_OK;
      } catch (IOException e) {
        return false;
      }
    }
  }

  /** A port of this machine that nobody listens at. */
  static int freePort() throws IOException {
    for (int port = FIRST_PORT; port < LAST_PORT; port++) {
      if (isFree(port)) {
        return port;
      }
    }
    throw new IOException("no port between " + FIRST_PORT + " and " + LAST_PORT + " is free");
  }

  private static boolean isFree(int port) {
    try (ServerSocket probe = new ServerSocket()) {
      probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
