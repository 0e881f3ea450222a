package dev.millrace.worker.bench;

import dev.millrace.triggers.local.LocalKafka;
import dev.millrace.triggers.local.LocalRedis;
import dev.millrace.worker.manifest.Manifest;
import dev.millrace.worker.manifest.ManifestReader;
import dev.millrace.worker.manifest.ManifestResult;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a benchmark finds around it: a directory of its own, guests, and brokers in processes of
 * their own, started when the first benchmark asks for them. For one thread.
 */
public final class Bench implements AutoCloseable {

  /** The guest that hashes its data (FNV-1a) and answers nothing: next to no work. */
  public static final String TINY = "tiny.wasm";

  /** The guest in Rust that parses an order with serde JSON and publishes a receipt. */
  public static final String ORDERS = "orders.wasm";

  /** The guest that does what its data says: waits for a server, never ends, or fails. */
  public static final String ACTS = "acts.wasm";

  private static final int QUICK_DIVISOR = 10;

  private final Options options;
  private final Path directory;
  private final Consumer<String> progress;
  private int manifests;
  private @Nullable LocalKafka kafka;
  private @Nullable LocalRedis redis;

  /**
   * How to measure.
   *
   * @param quick a tenth of the work, to see that everything runs; its figures mean little
   * @param home the directory of the distribution, which has the broker's jars and the launcher
   */
  public record Options(boolean quick, Path home) {}

  /**
   * @param parent where the directory is made that holds stores and manifests; on a real disk, or
   *     the store's figures mean nothing
   * @param progress takes a line about what is being done
   */
  public Bench(Options options, Path parent, Consumer<String> progress) throws IOException {
    this.options = options;
    this.directory = Files.createTempDirectory(parent, "millrace-bench-");
    this.progress = progress;
  }

  /** So many, or a tenth of them in a quick run; at least 1. */
  public int scaled(int full) {
    return options.quick() ? Math.max(1, full / QUICK_DIVISOR) : full;
  }

  /** A directory that is removed at the end. */
  public Path directory() {
    return directory;
  }

  /** The directory of the distribution. */
  public Path home() {
    return options.home();
  }

  /** Tells what is being done. */
  public void say(String line) {
    progress.accept(line);
  }

  /** Where a Kafka broker answers, as {@code host:port}. Blocks for seconds the first time. */
  public String kafka() throws IOException {
    if (kafka == null) {
      say("starting a Kafka");
      kafka = LocalKafka.start(home().resolve("brokers").resolve("kafka"));
    }
    return kafka.bootstrap();
  }

  /** The URL of a Redis server that keeps nothing on disk. */
  public String redis() {
    if (redis == null) {
      say("starting a Redis");
      redis = LocalRedis.start();
    }
    return redis.url().toString();
  }

  /**
   * The file of a guest, beside which manifests lie.
   *
   * @param name one of the constants here
   */
  public Path guest(String name) throws IOException {
    Path file = directory.resolve(name);
    if (!Files.exists(file)) {
      try (InputStream module = Bench.class.getResourceAsStream(name)) {
        if (module == null) {
          throw new IOException("the guest " + name + " is not in this build");
        }
        Files.createDirectories(file.getParent());
        Files.copy(module, file, StandardCopyOption.REPLACE_EXISTING);
      }
    }
    return file;
  }

  /**
   * Reads a manifest as {@code millrace up} does. Guests are named by their constants, without a
   * directory. Each manifest has a new store, and the admin server is off unless it says otherwise.
   *
   * @throws IllegalArgumentException with all problems, if it is not valid
   */
  public Manifest manifest(String yaml) throws IOException {
    for (String guest : new String[] {TINY, ACTS, ORDERS}) {
      if (yaml.contains(guest)) {
        guest(guest);
      }
    }
    StringBuilder text = new StringBuilder("millrace: 1\n");
    if (!yaml.contains("\nstore:")) {
      text.append("store: { path: state-").append(++manifests).append("/millrace.db }\n");
    }
    if (!yaml.contains("\nadmin:")) {
      text.append("admin: { enabled: false }\n");
    }
    ManifestResult read =
        ManifestReader.of(Map.of())
            .read(directory.resolve(ManifestReader.FILE_NAME), text.append(yaml).toString());
    return switch (read) {
      case ManifestResult.Loaded loaded -> loaded.manifest();
      case ManifestResult.Invalid invalid ->
          throw new IllegalArgumentException(invalid.problems() + "\n" + text);
    };
  }

  /** Ends the brokers and removes the directory. */
  @Override
  public void close() throws IOException {
    if (kafka != null) {
      kafka.close();
    }
    if (redis != null) {
      redis.close();
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
