package dev.millrace.worker.store;

import dev.millrace.triggers.testing.Docker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;

/**
 * A real PostgreSQL for tests. The shared one is a container where a Docker engine has one, else a
 * process: of the machine's own PostgreSQL, or else of one from Maven Central. It is started on
 * first use and ends with the JVM; each test gets a database of its own.
 *
 * <p>PostgreSQL refuses to run as root; where the tests do, the process runs as the user 65534.
 *
 * <p>{@code MILLRACE_TEST_POSTGRES_IMAGE} names another image, {@code -Dmillrace.docker.off=true}
 * asks for the process, {@code -Dmillrace.postgres.bundled=true} for the one from Maven Central.
 */
public final class PostgresServer implements AutoCloseable {

  private static final String IMAGE = "postgres:17-alpine";
  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final AtomicInteger DATABASES = new AtomicInteger();

  private static final class Shared {
    static final String SERVERS = start();
  }

  private final Path bin;
  private final Path directory;
  private final int port;
  private final Thread shutdownHook = new Thread(this::end, "postgres-shutdown");
  private @Nullable Process process;

  private PostgresServer(Path bin, Path directory, int port) {
    this.bin = bin;
    this.directory = directory;
    this.port = port;
  }

  /** A new database on the shared server. */
  public static PostgresAddress database() {
    return database(Shared.SERVERS);
  }

  /** A server of the test's own, as a process, to be killed and restarted by it. */
  public static PostgresServer killable() {
    try {
      Path directory = Files.createTempDirectory("millrace-postgres");
      PostgresServer server = new PostgresServer(PostgresBinaries.find(), directory, freePort());
      Runtime.getRuntime().addShutdownHook(server.shutdownHook);
      server.initialize();
      server.launch();
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException("a local PostgreSQL could not be started", e);
    }
  }

  /** A new database on this server. */
  public PostgresAddress newDatabase() {
    return database("127.0.0.1:" + port);
  }

  public int port() {
    return port;
  }

  /** Ends the server and all its processes at once, as SIGKILL does. */
  public synchronized void kill() {
    Process running = process;
    process = null;
    if (running == null) {
      return;
    }
    // All but the shell, which then collects the server's own process and ends.
    running.descendants().toList().forEach(ProcessHandle::destroyForcibly);
    try {
      if (!running.waitFor(10, TimeUnit.SECONDS)) {
        running.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Starts the server again on the same port and data, killing it first if it runs. */
  public synchronized void restart() {
    kill();
    try {
      Files.deleteIfExists(directory.resolve("data/postmaster.pid"));
      launch();
    } catch (IOException e) {
      throw new UncheckedIOException("the local PostgreSQL could not be restarted", e);
    }
  }

  @Override
  public void close() {
    end();
    Runtime.getRuntime().removeShutdownHook(shutdownHook);
  }

  private void end() {
    kill();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @SuppressWarnings("SystemOut") // a person reading the build's output wants to know
  private static String start() {
    if (Docker.isAvailable()) {
      String image = System.getenv().getOrDefault("MILLRACE_TEST_POSTGRES_IMAGE", IMAGE);
      try {
        GenericContainer<?> container = container(image);
        System.out.println("PostgreSQL for tests: container " + image);
        return container.getHost() + ":" + container.getMappedPort(5432);
      } catch (RuntimeException e) {
        System.out.println("PostgreSQL for tests: no container " + image + ": " + e.getMessage());
      }
    }
    PostgresServer server = killable();
    System.out.println(
        "PostgreSQL for tests: process of " + server.bin + " on port " + server.port);
    return "127.0.0.1:" + server.port;
  }

  private static GenericContainer<?> container(String image) {
    GenericContainer<?> container =
        new GenericContainer<>(DockerImageName.parse(image))
            .withEnv("POSTGRES_USER", "postgres")
            .withEnv("POSTGRES_HOST_AUTH_METHOD", "trust")
            .withExposedPorts(5432)
            .waitingFor(Wait.forLogMessage(".*database system is ready to accept.*", 2));
    try {
      container.start();
      return container;
    } catch (RuntimeException e) {
      container.close();
      throw e;
    }
  }

  private static PostgresAddress database(String servers) {
    String name = "test_" + ProcessHandle.current().pid() + "_" + DATABASES.incrementAndGet();
    try (Connection connection = connect(servers);
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE DATABASE " + name);
    } catch (SQLException e) {
      throw new IllegalStateException("the test's PostgreSQL makes no database", e);
    }
    return PostgresAddress.parse("postgresql://postgres@" + servers + "/" + name);
  }

  private static Connection connect(String servers) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://" + servers + "/postgres?user=postgres&connectTimeout=5");
  }

  private void initialize() throws IOException {
    if (isRoot()) {
      Files.setAttribute(directory, "unix:uid", 65534);
    }
    Process initdb =
        new ProcessBuilder(
                asOrdinaryUser(
                    List.of(
                        bin.resolve("initdb").toString(),
                        "--pgdata=" + directory.resolve("data"),
                        "--username=postgres",
                        "--auth=trust",
                        "--encoding=UTF8",
                        "--locale=C",
                        "--no-sync")))
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log())
            .start();
    if (waitFor(initdb) != 0) {
      throw new IllegalStateException("initdb failed: " + Files.readString(log().toPath()));
    }
  }

  /**
   * A shell between us and the server ends it when our end of its input closes, so that a killed
   * JVM leaves none behind.
   */
  private void launch() throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of("sh", "-c", "\"$@\" </dev/null & cat >/dev/null; kill -QUIT $!; wait", "sh"));
    command.addAll(
        asOrdinaryUser(
            List.of(
                bin.resolve("postgres").toString(),
                "-D",
                directory.resolve("data").toString(),
                "-p",
                "" + port,
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "unix_socket_directories=",
                "-c",
                "shared_buffers=16MB",
                "-c",
                "max_connections=100")));
    process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log()))
            .start();
    awaitReady();
  }

  private void awaitReady() throws IOException {
    long deadline = System.nanoTime() + START_LIMIT.toNanos();
    while (true) {
      try {
        connect("127.0.0.1:" + port).close();
        return;
      } catch (SQLException e) {
        Process running = process;
        if (System.nanoTime() > deadline || running == null || !running.isAlive()) {
          throw new IllegalStateException(
              "PostgreSQL does not start: " + Files.readString(log().toPath()), e);
        }
      }
      try {
        Thread.sleep(50);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }
  }

  private java.io.File log() {
    return directory.resolve("log").toFile();
  }

  private static int waitFor(Process child) {
    try {
      return child.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return -1;
    }
  }

  private static List<String> asOrdinaryUser(List<String> command) {
    if (!isRoot()) {
      return command;
    }
    List<String> wrapped =
        new ArrayList<>(List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"));
    wrapped.addAll(command);
    return wrapped;
  }

  private static boolean isRoot() {
    return "root".equals(System.getProperty("user.name"));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
