package dev.millrace.worker.bench;

import dev.millrace.triggers.kafka.KafkaConnection;
import dev.millrace.triggers.kafka.KafkaTopics;
import dev.millrace.worker.store.SqliteLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Writes a distribution's start-up cache: starts a worker from it as {@code millrace up} does, with
 * a trigger of each kind and brokers beside it, asks its admin server, lets it run some events, and
 * ends it. What the worker's process loaded until then is in the cache. SQLite's native library is
 * put beside it.
 */
public final class Rehearsal {

  private static final String EVERY_SECOND = "* * * * * ?";
  private static final Duration EVENTS = Duration.ofMillis(1_500);
  private static final Duration BROKER_LIMIT = Duration.ofSeconds(30);

  /** The kinds of cache that the launcher knows; each has its key beside it. */
  private static final List<String> CACHES = List.of("millrace.aot", "millrace.jsa");

  private Rehearsal() {}

  /**
   * Writes the cache; one that is there is removed first. Blocks for some ten seconds. If it fails,
   * or is interrupted, there is no cache.
   *
   * @param home the distribution
   * @throws IOException if there is no cache afterwards; the message tells why
   */
  public static void record(Bench bench, Path home) throws IOException, InterruptedException {
    forget(home);
    boolean recorded = false;
    try {
      StartedWorker.Launch launch = launch(bench, home, "rehearsal", EVERY_SECOND);
      // Once before, so that the modules are compiled: the compiler's classes cannot all be in the
      // cache, and the JVM would look for the others at each start.
      launch.measure(Map.of());
      SqliteLibrary.unpackInto(home.resolve("lib").resolve("native"));
      launch.measure(Map.of("MILLRACE_RECORD", "1"), () -> use(launch));
      recorded = isRecorded(home);
      if (!recorded) {
        throw new IOException("the JVM wrote none");
      }
    } finally {
      if (!recorded) {
        forget(home);
      }
    }
  }

  /** Removes a distribution's cache, and what is left of one that was not finished. */
  public static void forget(Path home) throws IOException {
    try (Stream<Path> files = Files.list(home.resolve("lib"))) {
      for (Path file : files.filter(Rehearsal::isCache).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  /** Whether a file of {@code lib} belongs to a cache. */
  static boolean isCache(Path file) {
    String name = file.getFileName().toString();
    return CACHES.stream().anyMatch(name::startsWith);
  }

  /**
   * A worker with two functions and three kinds of trigger.
   *
   * @param name of the directory for its manifest and its state
   * @param schedule of the cron trigger
   */
  static StartedWorker.Launch launch(Bench bench, Path home, String name, String schedule)
      throws IOException {
    KafkaTopics.ensure(
        new KafkaConnection(bench.kafka(), Map.of()), List.of("start"), 2, BROKER_LIMIT);
    int port = StartedWorker.freePort();
    Path manifest = bench.directory().resolve(name).resolve("millrace.yaml");
    Files.createDirectories(manifest.getParent());
    Files.writeString(manifest, manifest(bench, port, schedule));
    return new StartedWorker.Launch(home, manifest, port);
  }

  private static String manifest(Bench bench, int port, String schedule) throws IOException {
    return String.format(
        Locale.ROOT,
        """
        millrace: 1
        app: { name: start }
        admin: { listen: "127.0.0.1:%d" }
        connections:
          events: { kafka: { bootstrap: "%s" } }
          cache: { redis: { url: "%s" } }
        functions:
          charge: { wasm: %s, limits: { timeout: 2s, memory: 16Mi }, config: { fee_per_mille: 14 } }
          invalidate: { wasm: %s, limits: { timeout: 1s, memory: 4Mi } }
        triggers:
          orders:
            kafka: { connection: events, topics: [start], order: key }
            function: charge
          invalidate: { redis: { connection: cache, patterns: ["cache.*"] }, function: invalidate }
          settle: { cron: { schedule: "%s" }, function: invalidate }
        """,
        port,
        bench.kafka(),
        bench.redis(),
        bench.guest(Bench.ORDERS),
        bench.guest(Bench.TINY),
        schedule);
  }

  private static void use(StartedWorker.Launch worker) throws InterruptedException {
    Thread.sleep(EVENTS.toMillis());
    for (String path : List.of("/livez", "/metrics", "/status")) {
      worker.answers(path);
    }
  }

  private static boolean isRecorded(Path home) {
    return CACHES.stream().anyMatch(name -> Files.exists(home.resolve("lib").resolve(name)));
  }
}
