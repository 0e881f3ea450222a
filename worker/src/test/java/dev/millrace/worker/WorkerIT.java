package dev.millrace.worker;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.triggers.FailureKind;
import dev.millrace.triggers.testing.KafkaBroker;
import dev.millrace.triggers.testing.RedisBroker;
import dev.millrace.worker.dev.Feeder;
import dev.millrace.worker.dispatch.Conservation;
import dev.millrace.worker.manifest.Manifest;
import dev.millrace.worker.manifest.ManifestReader;
import dev.millrace.worker.manifest.ManifestResult;
import dev.millrace.worker.store.DeadLetters;
import dev.millrace.worker.store.ParkedRetries;
import dev.millrace.worker.store.SqliteStore;
import dev.millrace.worker.store.StoreOptions;
import dev.millrace.worker.store.StoreView;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The quickstart's manifest on real brokers: all three triggers, a retry, a dead letter and its
 * replay.
 */
class WorkerIT {

  private static final Duration LIMIT = Duration.ofMinutes(2);

  private final String orders = "orders-" + UUID.randomUUID();
  private final String charged = "charged-" + UUID.randomUUID();
  private final HttpClient http = HttpClient.newHttpClient();

  @TempDir private Path directory;

  @Test
  void runsTheQuickstartAndAccountsForEveryEvent() throws Exception {
    createTopics();
    Manifest manifest = manifest();
    Worker worker = Worker.start(manifest, WorkerOptions.DEFAULT);
    try (worker) {
      try (Feeder feeder = new Feeder(worker.publisher(), trouble -> {})) {
        feeder.start(manifest.dev().events());
        await().atMost(LIMIT).until(() -> worker.conservation("orders").succeeded() >= 3);
        await().atMost(LIMIT).until(() -> worker.conservation("orders").deadLettered() >= 1);
        await().atMost(LIMIT).until(() -> worker.conservation("invalidate").succeeded() >= 2);
        await().atMost(LIMIT).until(() -> worker.conservation("settle").succeeded() >= 1);
        await().atMost(LIMIT).until(() -> get(worker, "/readyz").statusCode() == 200);
        assertEquals(200, get(worker, "/livez").statusCode());
      }
      await().atMost(LIMIT).until(() -> worker.conservation("orders").pending() == 0);
      replayTheDeadLetter(manifest, worker);
      String metrics = get(worker, "/metrics").body();
      assertTrue(metrics.contains("millrace_events_received"), metrics);
    }
    for (String trigger : manifest.triggers().keySet()) {
      Conservation account = worker.conservation(trigger);
      assertTrue(account.holds(), trigger + " " + account);
      assertEquals(0, account.pending(), trigger + " " + account);
    }
  }

  private void replayTheDeadLetter(Manifest manifest, Worker worker) {
    try (StoreView store = SqliteStore.openShared(manifest.store().path(), StoreOptions.DEFAULT)) {
      DeadLetters.Summary letter =
          store.deadLetters().list(DeadLetters.Filter.ofTrigger("orders"), 1).getFirst();
      assertEquals(FailureKind.REJECTED, letter.failure());
      long before = worker.conservation("orders").deadLettered();
      DeadLetters.Stored stored = store.deadLetters().find(letter.id()).orElseThrow();
      store
          .parked()
          .park(
              new ParkedRetries.Parked(
                  letter.id(),
                  stored.letter().event(),
                  "orders",
                  "charge",
                  0,
                  Instant.now(),
                  Instant.now(),
                  List.of()))
          .toCompletableFuture()
          .join();
      // It is rejected again, by the same function, and stays.
      await().atMost(LIMIT).until(() -> worker.conservation("orders").deadLettered() > before);
      await().atMost(LIMIT).until(() -> store.parked().countByTrigger().isEmpty());
      assertTrue(store.deadLetters().find(letter.id()).isPresent());
    }
  }

  private HttpResponse<String> get(Worker worker, String path) throws Exception {
    URI uri = URI.create("http://" + worker.admin().orElseThrow() + path);
    return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
  }

  private void createTopics() throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", KafkaBroker.bootstrap()))) {
      admin
          .createTopics(
              List.of(new NewTopic(orders, 2, (short) 1), new NewTopic(charged, 2, (short) 1)))
          .all()
          .get();
    }
  }

  /** The quickstart's manifest with topics and a store of this test's own. */
  private Manifest manifest() throws IOException {
    Path quickstart = Path.of("..", "samples", "quickstart").toAbsolutePath().normalize();
    String text =
        Files.readString(quickstart.resolve("millrace.yaml"))
            .replace("functions/", quickstart + "/functions/")
            .replace("events/orders.charged", "events/" + charged)
            .replace("topics: [orders]", "topics: [" + orders + "], group: " + orders)
            .replace("to: events/orders\n", "to: events/" + orders + "\n")
            .replace("every: 1s", "every: 100ms")
            .replace("every: 2s", "every: 100ms")
            .replaceFirst("connections:", "admin: { listen: \"127.0.0.1:0\" }\nconnections:");
    Path file = directory.resolve("millrace.yaml");
    Files.writeString(file, text);
    ManifestResult result =
        ManifestReader.of(
                Map.of("KAFKA", KafkaBroker.bootstrap(), "REDIS", RedisBroker.url().toString()))
            .read(file);
    return assertInstanceOf(ManifestResult.Loaded.class, result, result::toString).manifest();
  }
}
