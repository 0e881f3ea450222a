package dev.millrace.worker.chaos;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.triggers.cron.FireLedger.State;
import dev.millrace.worker.store.PostgresAddress;
import dev.millrace.worker.store.PostgresServer;
import dev.millrace.worker.store.PostgresStore;
import dev.millrace.worker.store.StoreOptions;
import dev.millrace.worker.store.StoreView;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two workers, as processes, with a cron trigger for each second on one PostgreSQL store. One is
 * killed with SIGKILL, then the database is.
 */
class ReplicaCrashIT {

  private static final Path ECHO = Path.of("src", "test", "resources", "wasm", "echo.wasm");
  private static final Pattern ADMIN = Pattern.compile("admin (http://\\S+)/");
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private final HttpClient http = HttpClient.newHttpClient();

  @TempDir private Path directory;

  @Test
  void leavesNoGridTimeOutAndGoesOnByItself() throws Exception {
    try (PostgresServer server = PostgresServer.killable();
        WorkerProcess lost = worker("lost", "postgresql://postgres@127.0.0.1:1/nowhere")) {
      PostgresAddress address = server.newDatabase();
      String url = "postgresql://postgres@" + address.servers() + "/" + address.database();
      try (WorkerProcess dying = worker("dying", url);
          WorkerProcess living = worker("living", url)) {
        await().atMost(LIMIT).until(() -> recorded(address).size() >= 3);
        await().atMost(LIMIT).until(() -> status("living", "/readyz") == 200);
        await().atMost(LIMIT).until(() -> status("dying", "/readyz") == 200);

        dying.kill();
        int before = recorded(address).size();
        await().atMost(LIMIT).until(() -> recorded(address).size() >= before + 3);

        server.kill();
        await().atMost(LIMIT).until(() -> status("living", "/readyz") == 503);
        assertEquals(200, status("living", "/livez"));
        server.restart();
        await().atMost(LIMIT).until(() -> status("living", "/readyz") == 200);
        int after = recorded(address).size();
        await().atMost(LIMIT).until(() -> recorded(address).size() >= after + 3);

        living.terminate();
        assertEquals(0, living.exitCode(LIMIT), log("living"));
      }
      try (WorkerProcess next = worker("next", url)) {
        await().atMost(LIMIT).until(() -> status("next", "/readyz") == 200);
        await().atMost(LIMIT).until(() -> unsettled(address) == 0);
        next.terminate();
        assertEquals(0, next.exitCode(LIMIT), log("next"));
      }
      check(recorded(address));
      assertEquals(4, lost.exitCode(LIMIT), log("lost"));
      assertTrue(log("lost").contains("the database does not answer"), log("lost"));
    }
  }

  private static void check(Map<Instant, State> recorded) {
    List<Instant> times = recorded.keySet().stream().sorted().toList();
    for (int i = 1; i < times.size(); i++) {
      assertEquals(times.get(i - 1).plusSeconds(1), times.get(i), "a grid time is missing");
    }
    assertEquals(Set.of(State.SETTLED), Set.copyOf(recorded.values()));
  }

  private WorkerProcess worker(String name, String url) throws IOException {
    Path home = Files.createDirectory(directory.resolve(name));
    Files.copy(ECHO, home.resolve("echo.wasm"));
    Files.writeString(
        home.resolve("millrace.yaml"),
        """
        millrace: 1
        app: { name: replicas }
        admin: { listen: "127.0.0.1:0" }
        store: { url: "%s" }
        functions: { echo: { wasm: echo.wasm } }
        triggers:
          tick:
            cron: { schedule: "* * * * * ?", overlap: allow, missed: all }
            function: echo
        """
            .formatted(url));
    return WorkerProcess.start(home);
  }

  private static Map<Instant, State> recorded(PostgresAddress address) {
    try (StoreView view = PostgresStore.openShared(address, StoreOptions.DEFAULT)) {
      return view.cron().recorded("tick", Instant.EPOCH, Instant.now().plusSeconds(60));
    } catch (RuntimeException e) {
      return Map.of(); // not made yet, or away
    }
  }

  /** How many fires are not settled. */
  private static long unsettled(PostgresAddress address) {
    Map<Instant, State> recorded = recorded(address);
    return recorded.isEmpty()
        ? 1
        : recorded.values().stream().filter(state -> state != State.SETTLED).count();
  }

  private int status(String name, String path) throws Exception {
    Matcher admin = ADMIN.matcher(log(name));
    if (!admin.find()) {
      return 0;
    }
    URI uri = URI.create(admin.group(1) + path);
    return http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.discarding()).statusCode();
  }

  private String log(String name) throws IOException {
    return Files.readString(directory.resolve(name).resolve("worker.log"));
  }
}
