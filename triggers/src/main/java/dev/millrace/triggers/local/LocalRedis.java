package dev.millrace.triggers.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A real Redis server as a process of this machine, on a free port of the loopback interface.
 *
 * <p>It keeps its port and its directory over {@link #kill} and {@link #restart}. It ends with
 * {@link #close}, and with the JVM however that ends: on unix a guard beside the server notices
 * even a JVM that was killed. Methods may be called by any thread, one after the other; those that
 * start or stop the server block for a fraction of a second.
 */
public final class LocalRedis implements AutoCloseable {

  private static final Duration START_LIMIT = Duration.ofSeconds(30);
  private static final int PORT_TRIES = 5;
  private static final Path SHELL = Path.of("/bin/sh");

  /**
   * Becomes the server, and leaves a child behind that kills it when the pipe from the JVM closes.
   */
  private static final String GUARDED =
      "exec 3<&0; (cat <&3 >/dev/null 2>&1; kill -9 $$ 2>/dev/null) & exec \"$0\" \"$@\" 3<&-";

  private final Options options;
  private final Path directory;
  private final Thread shutdownHook;
  private int port;
  private @Nullable Process process;

  /**
   * How the server is set up.
   *
   * @param password the password of the default user; empty for none
   * @param appendOnly whether it keeps an append-only file, synced every second, so that its data
   *     outlives a kill
   * @param tls serves TLS only, if present
   */
  public record Options(Optional<String> password, boolean appendOnly, Optional<Tls> tls) {

    /** No password, no append-only file, no TLS. */
    public static Options defaults() {
      return new Options(Optional.empty(), false, Optional.empty());
    }

    /** The same options with a password. */
    public Options withPassword(String newPassword) {
      return new Options(Optional.of(newPassword), appendOnly, tls);
    }

    /** The same options with an append-only file. */
    public Options withAppendOnly() {
      return new Options(password, true, tls);
    }

    /** The same options with TLS. */
    public Options withTls(Path certificate, Path key) {
      return new Options(password, appendOnly, Optional.of(new Tls(certificate, key)));
    }
  }

  /**
   * What a server needs to serve TLS.
   *
   * @param certificate its certificate, PEM
   * @param key the certificate's private key, PEM
   */
  public record Tls(Path certificate, Path key) {}

  private LocalRedis(Options options, Path directory) {
    this.options = options;
    this.directory = directory;
    this.shutdownHook = new Thread(this::end, "local-redis-shutdown");
  }

  /**
   * Starts a server without password and append-only file; returns when it accepts connections.
   *
   * @throws IllegalStateException if no Redis runs on this machine, with the reason
   */
  public static LocalRedis start() {
    return start(Options.defaults());
  }

  /**
   * Starts a server; returns when it accepts connections.
   *
   * @throws IllegalStateException if no Redis runs on this machine, with the reason
   */
  public static LocalRedis start(Options options) {
    try {
      LocalRedis redis = new LocalRedis(options, Files.createTempDirectory("millrace-redis"));
      try {
        redis.startOnFreePort();
      } catch (IOException | RuntimeException e) {
        redis.end();
        throw e;
      }
      Runtime.getRuntime().addShutdownHook(redis.shutdownHook);
      return redis;
    } catch (IOException e) {
      throw new UncheckedIOException("a local Redis could not be started: " + e.getMessage(), e);
    }
  }

  /** The port, the same for the whole life of this object. */
  public int port() {
    return port;
  }

  /** Where clients connect, with the password if there is one. */
  public URI url() {
    String userInfo =
        options
            .password()
            .map(password -> ":" + URLEncoder.encode(password, StandardCharsets.UTF_8) + "@")
            .orElse("")
            .replace("+", "%20");
    String scheme = options.tls().isPresent() ? "rediss" : "redis";
    return URI.create(scheme + "://" + userInfo + "localhost:" + port);
  }

  /** Whether the process runs. */
  public synchronized boolean isRunning() {
    return process != null && process.isAlive();
  }

  /** Ends the server as a power cut would (SIGKILL), and returns when it is gone. */
  public synchronized void kill() {
    Process running = process;
    process = null;
    if (running == null) {
      return;
    }
    running.destroyForcibly();
    try {
      running.waitFor();
      running.getOutputStream().close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new UncheckedIOException("the pipe to the local Redis could not be closed", e);
    }
  }

  /**
   * Starts the server again on the same port and directory, killing it first if it runs.
   *
   * @throws IllegalStateException if it does not start, with what it said
   */
  public synchronized void restart() {
    kill();
    try {
      launch();
    } catch (IOException e) {
      throw new UncheckedIOException("the local Redis could not be restarted", e);
    }
  }

  /** Ends the server and deletes its directory. A second call does nothing. */
  @Override
  public void close() {
    end();
    try {
      Runtime.getRuntime().removeShutdownHook(shutdownHook);
    } catch (IllegalStateException e) {
      // The JVM is going down already, and the hook has run or runs now.
    }
  }

  private synchronized void end() {
    kill();
    try (Stream<Path> files = Files.walk(directory)) {
      files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(file -> file.delete());
    } catch (IOException e) {
      // Already gone, or the system's own cleaning of temporary files takes it.
    }
  }

  /** Another process may take the free port in between; then another one is tried. */
  private synchronized void startOnFreePort() throws IOException {
    for (int attempt = 1; ; attempt++) {
      port = FreePorts.find(1)[0];
      try {
        launch();
        return;
      } catch (IllegalStateException e) {
        if (attempt == PORT_TRIES || !log().contains("already in use")) {
          throw e;
        }
      }
    }
  }

  private void launch() throws IOException {
    Path program = RedisBinary.path();
    Path configuration = directory.resolve("redis.conf");
    Files.writeString(configuration, configuration());
    List<String> command =
        Files.isExecutable(SHELL)
            ? List.of(SHELL.toString(), "-c", GUARDED, program.toString(), configuration.toString())
            : List.of(program.toString(), configuration.toString());
    Process started =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("redis.log").toFile())
            .start();
    process = started;
    awaitReady(started);
  }

  private String configuration() {
    StringBuilder text = new StringBuilder(256);
    text.append("bind ")
        .append(FreePorts.LOOPBACK)
        .append("\nsave \"\"\ndir \"")
        .append(directory)
        .append("\"\n");
    text.append("appendonly ").append(options.appendOnly() ? "yes" : "no").append('\n');
    options
        .password()
        .ifPresent(
            password ->
                text.append("requirepass \"")
                    .append(password.replace("\\", "\\\\").replace("\"", "\\\""))
                    .append("\"\n"));
    if (options.tls().isPresent()) {
      Tls tls = options.tls().get();
      text.append("port 0\ntls-port ").append(port).append("\ntls-auth-clients no\n");
      text.append("tls-cert-file \"").append(tls.certificate()).append("\"\n");
      text.append("tls-key-file \"").append(tls.key()).append("\"\n");
      text.append("tls-ca-cert-file \"").append(tls.certificate()).append("\"\n");
    } else {
      text.append("port ").append(port).append('\n');
    }
    return text.toString();
  }

  private void awaitReady(Process started) throws IOException {
    long deadline = System.nanoTime() + START_LIMIT.toNanos();
    while (!log().contains("Ready to accept connections")) {
      if (!started.isAlive() || System.nanoTime() > deadline) {
        String said = log().strip();
        kill();
        throw new IllegalStateException(
            "the local Redis on port " + port + " did not start; it said: " + said);
      }
      try {
        Thread.sleep(10);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        kill();
        throw new IllegalStateException("interrupted while the local Redis started", e);
      }
    }
  }

  private String log() throws IOException {
    Path log = directory.resolve("redis.log");
    return Files.exists(log) ? Files.readString(log) : "";
  }
}
