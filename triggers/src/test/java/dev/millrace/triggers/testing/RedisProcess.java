package dev.millrace.triggers.testing;

import dev.millrace.triggers.local.RedisPrograms;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A real Redis as a process with any configuration: a node of a cluster, a sentinel. The caller
 * closes it; should the JVM be killed, its guard ends it.
 */
public final class RedisProcess implements AutoCloseable {

  private static final String GUARDED =
      "exec 3<&0; (cat <&3 >/dev/null 2>&1; kill -9 $$ 2>/dev/null) & exec \"$0\" \"$@\" 3<&-";

  private final int port;
  private final Path directory;
  private final List<String> command;
  private @Nullable Process process;

  private RedisProcess(int port, Path directory, List<String> command) {
    this.port = port;
    this.directory = directory;
    this.command = command;
  }

  /** A sentinel that watches one master, and decides alone. */
  public static RedisProcess sentinel(String master, int masterPort) {
    return start(
        List.of("--sentinel"),
        "sentinel monitor " + master + " 127.0.0.1 " + masterPort + " 1",
        "sentinel down-after-milliseconds " + master + " 1000",
        "sentinel failover-timeout " + master + " 3000");
  }

  /** A node of a cluster that knows no other yet and has no slots. */
  public static RedisProcess clusterNode() {
    return start(
        List.of(),
        "save \"\"",
        "appendonly yes",
        "cluster-enabled yes",
        "cluster-config-file nodes.conf",
        "cluster-node-timeout 2000");
  }

  private static RedisProcess start(List<String> arguments, String... configuration) {
    try {
      int port = RedisPrograms.freePort();
      Path directory = Files.createTempDirectory("millrace-redis-process");
      Path file = directory.resolve("redis.conf");
      List<String> lines = new ArrayList<>(List.of(configuration));
      lines.add("port " + port);
      lines.add("bind 127.0.0.1");
      lines.add("dir " + directory);
      Files.write(file, lines);
      List<String> command =
          new ArrayList<>(
              List.of(
                  "/bin/sh", "-c", GUARDED, RedisPrograms.server().toString(), file.toString()));
      command.addAll(arguments);
      RedisProcess redis = new RedisProcess(port, directory, command);
      redis.launch();
      return redis;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void launch() throws IOException {
    process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("redis.log").toFile())
            .start();
  }

  public int port() {
    return port;
  }

  /** Ends it as a power cut would; returns when it is gone. */
  public void kill() {
    Process running = process;
    process = null;
    if (running != null) {
      running.destroyForcibly();
      try {
        running.waitFor();
        running.getOutputStream().close();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public void close() {
    kill();
    try (Stream<Path> files = Files.walk(directory)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
