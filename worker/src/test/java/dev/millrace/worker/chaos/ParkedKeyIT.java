package dev.millrace.worker.chaos;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.triggers.testing.KafkaBroker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A key fails with {@code on_exhausted: park_key}: its later events wait in order, over a {@code
 * kill -9} as well, until a person has dealt with its dead letter, and no other key waits.
 *
 * <p>Even numbers are events of the key that fails, the first of them is the one that does; odd
 * ones are events of another key.
 */
class ParkedKeyIT {

  private static final int HALF = 20;
  private static final int EVENTS = 2 * HALF;
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final String RETRY =
      "retry: { max_attempts: 2, backoff: { initial: 50ms }, on_exhausted: park_key }";

  @TempDir private Path directory;

  private final History history = new History();
  private String bootstrap;
  private ChaosTopics topics;
  private Observer observer;
  private Sender sender;
  private WorkerNode worker;

  @BeforeEach
  void prepare() throws Exception {
    bootstrap = KafkaBroker.bootstrap();
    topics = ChaosTopics.create(bootstrap);
    topics.writeManifest(directory, bootstrap, ChaosTopics.MODULE, "30s", RETRY);
    observer = new Observer(bootstrap, topics, history);
    sender = new Sender(bootstrap, topics.input(), ParkedKeyIT::event, history);
    worker = new WorkerNode("one", directory, history);
  }

  @AfterEach
  void close() {
    worker.close();
    sender.close();
    observer.close();
  }

  @Test
  void goesOnInOrderWhenItsDeadLetterIsDiscarded() throws Exception {
    parkAKeyOverAKill(ChaosTopics.MODULE);

    dlq("discard");
    await().atMost(LIMIT).until(() -> effects("failing").size() == HALF - 1);

    assertEquals(numbers(1), effects("failing"));
  }

  @Test
  void goesOnInOrderWhenItsDeadLetterIsReplayed() throws Exception {
    parkAKeyOverAKill(Path.of("src", "test", "resources", "wasm", "echo.wasm"));

    dlq("replay");
    await().atMost(LIMIT).until(() -> effects("failing").size() == HALF);

    assertEquals(numbers(0), effects("failing"));
  }

  /**
   * Leaves a running worker with a parked key, half of whose later events came before the kill.
   *
   * @param later the function's module after the kill
   */
  private void parkAKeyOverAKill(Path later) throws Exception {
    sender.send(HALF);
    worker.start();
    awaitSettled(HALF);
    worker.kill();
    topics.writeManifest(directory, bootstrap, later, "30s", RETRY);
    worker.start();
    sender.send(HALF);
    awaitSettled(EVENTS);

    assertEquals(List.of(), effects("failing"), "all of the key waits");
    await().atMost(LIMIT).until(() -> effects("well").size() == HALF);
  }

  /** Waits until the source has been told that it may forget so many events. */
  private void awaitSettled(int events) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
      await()
          .atMost(LIMIT)
          .until(
              () ->
                  admin
                          .listConsumerGroupOffsets(topics.group())
                          .partitionsToOffsetAndMetadata()
                          .get()
                          .values()
                          .stream()
                          .mapToLong(offset -> offset.offset())
                          .sum()
                      == events);
    }
  }

  private void dlq(String command) throws Exception {
    WorkerProcess process =
        WorkerProcess.command(
            directory, "dlq", command, "--trigger", "orders", "-f", directory.toString());
    assertEquals(0, process.exitCode(LIMIT));
  }

  /** The numbers of a key's effects, each once, in the order of its first one. */
  private List<Integer> effects(String key) {
    return history.all(History.Effect.class).stream()
        .filter(effect -> effect.key().equals(key))
        .map(History.Effect::number)
        .distinct()
        .toList();
  }

  /** The numbers of the failing key, without so many of its first ones. */
  private static List<Integer> numbers(int from) {
    return IntStream.range(from, HALF).map(i -> 2 * i).boxed().toList();
  }

  private static Workload.Planned event(int number) {
    String key = number % 2 == 0 ? "failing" : "well";
    return new Workload.Planned(number, key, number == 0 ? 't' : 'g');
  }
}
