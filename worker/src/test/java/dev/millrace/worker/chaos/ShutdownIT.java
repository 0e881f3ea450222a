package dev.millrace.worker.chaos;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.millrace.triggers.cron.Fire;
import dev.millrace.worker.store.SqliteStore;
import dev.millrace.worker.store.Store;
import dev.millrace.worker.store.StoreOptions;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A worker that is asked to end while a function runs that does not. */
class ShutdownIT {

  private static final Path MODULES = Path.of("src", "test", "resources", "wasm");
  private static final Pattern ADMIN = Pattern.compile("admin (http://\\S+)/");
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private final HttpClient http = HttpClient.newHttpClient();

  @TempDir private Path directory;

  @BeforeEach
  void writeManifest() throws IOException {
    Files.writeString(
        directory.resolve("millrace.yaml"),
        """
        millrace: 1
        app: { name: shutdown }
        admin: { listen: "127.0.0.1:0" }
        store: { path: store.db }
        functions:
          work: { wasm: work.wasm, limits: { timeout: 5m } }
        triggers:
          tick: { cron: { schedule: "* * * * * ?" }, function: work }
        """);
  }

  @Test
  void aSecondSignalEndsAtOnceAndLosesNothing() throws Exception {
    module("loop-br.wasm");
    try (WorkerProcess worker = WorkerProcess.start(directory)) {
      await().atMost(LIMIT).until(() -> metrics().contains("millrace_events_pending"));
      await().atMost(LIMIT).until(this::oneEventRuns);
      worker.terminate();
      await().atMost(LIMIT).until(() -> log().contains("draining"));
      worker.terminate();
      assertEquals(128 + 15, worker.exitCode(LIMIT));
    }
    List<Fire> unsettled = open();
    assertFalse(unsettled.isEmpty(), "the event that ran is not settled");

    module("echo.wasm");
    try (WorkerProcess worker = WorkerProcess.start(directory)) {
      await().atMost(LIMIT).until(() -> succeeded() >= 2);
      worker.terminate();
      assertEquals(0, worker.exitCode(LIMIT), "exit code after one signal");
    }
    assertFalse(open().contains(unsettled.getFirst()), "the event ran again, to its end");
  }

  private void module(String name) throws IOException {
    Files.copy(
        MODULES.resolve(name), directory.resolve("work.wasm"), StandardCopyOption.REPLACE_EXISTING);
    Files.deleteIfExists(directory.resolve("worker.log"));
  }

  private List<Fire> open() {
    try (Store store = SqliteStore.open(directory.resolve("store.db"), StoreOptions.DEFAULT)) {
      return store.fireLedger().open("tick");
    }
  }

  private boolean oneEventRuns() throws Exception {
    return metric("millrace_events_pending") >= 1;
  }

  private double succeeded() throws Exception {
    return metric("millrace_events_succeeded");
  }

  /** The value of a metric's only line. */
  private double metric(String name) throws Exception {
    Matcher line =
        Pattern.compile("(?m)^" + name + "(?:_total)?(?:\\{[^}]*})? (\\S+)$").matcher(metrics());
    return line.find() ? Double.parseDouble(line.group(1)) : 0;
  }

  private String metrics() throws Exception {
    Matcher admin = ADMIN.matcher(log());
    if (!admin.find()) {
      return "";
    }
    HttpRequest request = HttpRequest.newBuilder(URI.create(admin.group(1) + "/metrics")).build();
    return http.send(request, BodyHandlers.ofString()).body();
  }

  private String log() throws IOException {
    Path log = directory.resolve("worker.log");
    return Files.exists(log) ? Files.readString(log) : "";
  }
}
