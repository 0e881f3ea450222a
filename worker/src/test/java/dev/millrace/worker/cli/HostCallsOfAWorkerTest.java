package dev.millrace.worker.cli;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.millrace.worker.Worker;
import dev.millrace.worker.WorkerOptions;
import dev.millrace.worker.manifest.Manifest;
import dev.millrace.worker.manifest.ManifestReader;
import dev.millrace.worker.manifest.ManifestResult;
import dev.millrace.worker.store.SqliteStore;
import dev.millrace.worker.store.Store;
import dev.millrace.worker.store.StoreOptions;
import dev.millrace.worker.store.StoredValues;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What guests reach through a whole worker, from its manifest to its store and its status. */
class HostCallsOfAWorkerTest {

  private static final Duration LIMIT = Duration.ofMinutes(1);

  @TempDir private Path directory;

  @Test
  void aHeartbeatIsSeenInTheStatus() throws Exception {
    try (Worker worker = start("beats", "", "data: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")) {
      String address = worker.admin().orElseThrow().toString();

      await()
          .atMost(LIMIT)
          .until(
              () -> Shell.run("status", "--listen", address).out(),
              text -> text.contains("PERCENT") && text.contains("at work, s3cret"));
      await()
          .atMost(LIMIT)
          .until(
              () -> progress(Shell.run("status", "--listen", address, "-o", "json").out()),
              progress -> !progress.isEmpty());
    }
  }

  @Test
  void aRequestReachesAServerThatIsGranted() throws Exception {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    AtomicInteger hits = new AtomicInteger();
    server.createContext(
        "/hit",
        exchange -> {
          hits.incrementAndGet();
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    server.start();
    String origin = "http://localhost:" + server.getAddress().getPort();
    try (Worker worker =
        start("http-get", "allow: { http: [\"" + origin + "\"] }", "data: " + origin + "/hit")) {
      await().atMost(LIMIT).until(() -> worker.conservation("t").succeeded() > 0);

      assertTrue(hits.get() > 0);
      Shell again = Shell.run("invoke", "f", "-f", directory.toString(), "-d", origin + "/hit");
      assertEquals(ExitCodes.DONE, again.exitCode(), again.err());
      Shell nowhere = Shell.run("invoke", "f", "-f", directory.toString(), "-d", "http://h/");
      assertEquals(ExitCodes.CHECK_FAILED, nowhere.exitCode());
      assertTrue(nowhere.err().contains("http://h:80 is not granted"), nowhere.err());
    } finally {
      server.stop(0);
    }
  }

  @Test
  void valuesAreInTheStoreUnderTheirApplication() throws Exception {
    try (Worker worker = start("kv-flood", "allow: { kv: [carts] }", "")) {
      await().atMost(LIMIT).until(() -> worker.conservation("t").succeeded() > 0);
    }

    try (Store store = SqliteStore.open(directory.resolve("store.db"), StoreOptions.DEFAULT)) {
      byte[] count = store.values().get(new StoredValues.Key("hosts", "carts", "n"), Instant.now());
      String text = new String(count, StandardCharsets.US_ASCII);
      assertTrue(text.endsWith("000"), text);
      assertArrayEquals(
          null, store.values().get(new StoredValues.Key("other", "carts", "n"), Instant.now()));
    }
  }

  private Worker start(String guest, String function, String trigger) throws Exception {
    copy(guest);
    String more = function.isEmpty() ? "" : ", " + function;
    Files.writeString(
        directory.resolve("millrace.yaml"),
        """
        millrace: 1
        app: { name: hosts }
        store: { path: store.db, durable: false }
        admin: { listen: "127.0.0.1:0" }
        kv: { carts: {} }
        functions: { f: { wasm: f.wasm%s } }
        triggers:
          t:
            cron: { schedule: "* * * * * ?" }
            function: f
            %s
        """
            .formatted(more, trigger));
    ManifestResult result = ManifestReader.of(Map.of()).read(directory);
    Manifest manifest = ((ManifestResult.Loaded) result).manifest();
    return Worker.start(manifest, WorkerOptions.DEFAULT);
  }

  private void copy(String guest) throws IOException {
    Path file = Path.of("src", "test", "resources", "wasm", guest + ".wasm");
    Files.copy(file, directory.resolve("f.wasm"));
  }

  private static JsonNode progress(String status) {
    JsonNode functions = JsonMapper.shared().readTree(status).get("functions");
    assertEquals(1, functions.size());
    return functions.get(0).get("progress");
  }
}
