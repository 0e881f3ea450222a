package dev.millrace.worker.chaos;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;

/**
 * The topics and the group of one run.
 *
 * @param input where events come from
 * @param effects where the function's replies go
 * @param letters where dead letters go
 * @param group the consumer group of the workers
 */
record ChaosTopics(String input, String effects, String letters, String group) {

  static final int PARTITIONS = 4;

  /** How many events a worker may have in flight. */
  static final int IN_FLIGHT = 50;

  /** The function that does what its event says. */
  static final Path MODULE = Path.of("src", "test", "resources", "wasm", "chaos.wasm");

  static ChaosTopics create(String bootstrap) throws ExecutionException, InterruptedException {
    String run = UUID.randomUUID().toString();
    ChaosTopics topics =
        new ChaosTopics("in-" + run, "effects-" + run, "letters-" + run, "group-" + run);
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
      admin
          .createTopics(
              List.of(
                  new NewTopic(topics.input, PARTITIONS, (short) 1),
                  new NewTopic(topics.effects, PARTITIONS, (short) 1),
                  new NewTopic(topics.letters, PARTITIONS, (short) 1)))
          .all()
          .get();
    }
    return topics;
  }

  /**
   * Writes the manifest of a worker whose events succeed, fail for a while, or fail for good.
   *
   * <p>The kills of these tests are not the fault of the events that they meet, so that no event is
   * given up for its crashes.
   */
  void writeManifest(Path directory, String bootstrap) throws IOException {
    writeManifest(
        directory,
        bootstrap,
        MODULE,
        "2s",
        """
        retry:
          max_attempts: 5
          backoff: { initial: 50ms, max: 500ms }
          max_crashes: 1000
          on: { timeout: { max_attempts: 2 } }
        dead_letter: { to: events/%s }
        """
            .formatted(letters));
  }

  /**
   * Writes the manifest of a worker on these topics.
   *
   * @param module what the function runs
   * @param timeout the limit of an invocation
   * @param options further keys of the trigger
   */
  void writeManifest(Path directory, String bootstrap, Path module, String timeout, String options)
      throws IOException {
    Files.createDirectories(directory);
    String manifest =
        """
        millrace: 1
        app: { name: chaos }
        admin: { listen: "127.0.0.1:0" }
        store: { path: store.db }
        connections:
          events: { kafka: { bootstrap: "%s" } }
        functions:
          chaos: { wasm: %s, limits: { timeout: %s } }
        triggers:
          orders:
            kafka: { connection: events, topics: [%s], group: %s, order: key }
            function: chaos
            max_in_flight: %d
            publish: { to: events/%s }
        """
            .formatted(
                bootstrap, module.toAbsolutePath(), timeout, input, group, IN_FLIGHT, effects);
    Files.writeString(directory.resolve("millrace.yaml"), manifest + options.indent(4));
  }
}
