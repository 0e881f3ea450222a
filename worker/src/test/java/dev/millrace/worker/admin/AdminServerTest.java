package dev.millrace.worker.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.worker.dispatch.Conservation;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The admin server over real HTTP. */
class AdminServerTest {

  private static final ListenAddress ANY_PORT = new ListenAddress("127.0.0.1", 0);

  private final Metrics metrics = new Metrics("orders", "1.2.3");
  private final SettableHealth health = new SettableHealth();
  private final HttpClient client =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(30)).build();
  private AdminServer server;

  @BeforeEach
  void start() throws IOException {
    server = AdminServer.start(ANY_PORT, health, metrics, AdminServerTest::status);
  }

  @AfterEach
  void stop() {
    server.close();
    client.close();
    metrics.close();
  }

  @Test
  void readinessFollowsTheChecksAndSaysWhy() throws Exception {
    health.ready =
        List.of(
            Health.Check.ok("store"),
            Health.Check.failed("trigger orders", "cannot reach localhost:9092; trying again"));
    HttpResponse<String> before = get("/readyz");
    health.ready = List.of(Health.Check.ok("store"), Health.Check.ok("trigger orders"));
    HttpResponse<String> after = get("/readyz");

    assertEquals(503, before.statusCode());
    JsonNode body = json(before);
    assertEquals("not ready", body.get("status").asString());
    assertEquals("trigger orders", body.get("checks").get(1).get("name").asString());
    assertEquals(false, body.get("checks").get(1).get("ok").asBoolean());
    assertEquals(
        "cannot reach localhost:9092; trying again",
        body.get("checks").get(1).get("reason").asString());
    assertEquals(200, after.statusCode());
    assertEquals("ready", json(after).get("status").asString());
  }

  @Test
  void aWorkerThatIsNotReadyIsStillAlive() throws Exception {
    health.ready = List.of(Health.Check.failed("drain", "the worker is shutting down"));
    assertEquals(200, get("/livez").statusCode());

    health.live = List.of(Health.Check.failed("engine", "a worker thread died"));
    assertEquals(503, get("/livez").statusCode());
  }

  @Test
  void servesTheStatusAsJson() throws Exception {
    JsonNode status = json(get("/status"));

    assertEquals("orders", status.get("app").asString());
    JsonNode trigger = status.get("triggers").get(0);
    assertEquals("running", trigger.get("state").asString());
    assertEquals(2, trigger.get("account").get("dead_lettered").asLong());
    assertEquals(1, trigger.get("account").get("dropped").get("overflow").asLong());
    assertEquals(true, trigger.get("account").get("holds").asBoolean());
    assertEquals(true, trigger.get("lag").isNull());
    assertEquals(5, status.get("store").get("dead_letters").asLong());
  }

  private static WorkerStatus status() {
    Instant at = Instant.parse("2026-01-01T12:00:00Z");
    return new WorkerStatus(
        "orders",
        "1.2.3",
        false,
        at,
        List.of(
            new WorkerStatus.OfTrigger(
                "orders",
                "kafka",
                "charge",
                "running",
                "",
                at,
                OptionalLong.empty(),
                990,
                1,
                OptionalLong.of(4),
                false,
                WorkerStatus.Account.of(
                    new Conservation(20, 6, 2, Map.of("overflow", 1L), 1, 10)))),
        List.of(),
        new WorkerStatus.OfStore(
            0,
            OptionalLong.of(5),
            OptionalLong.of(0),
            OptionalLong.of(4),
            OptionalLong.empty(),
            8192,
            Optional.empty()));
  }

  @Test
  void servesTheMetricsAsPrometheusText() throws Exception {
    metrics.watchTrigger(ObservedWorker.trigger("orders", "charge"));

    HttpResponse<String> response = get("/metrics");

    assertEquals(200, response.statusCode());
    assertEquals(Metrics.CONTENT_TYPE, response.headers().firstValue("content-type").orElseThrow());
    assertEquals(
        10,
        Scrape.parse(response.body()).value("millrace_events_received_total{trigger=\"orders\"}"));
  }

  @Test
  void answersHeadWithoutABody() throws Exception {
    HttpResponse<String> response =
        client.send(
            request("/readyz").method("HEAD", BodyPublishers.noBody()).build(),
            BodyHandlers.ofString());

    assertEquals(200, response.statusCode());
    assertEquals("", response.body());
  }

  @Test
  void refusesOtherMethodsAndPathsInASentence() throws Exception {
    HttpResponse<String> post =
        client.send(
            request("/livez").POST(BodyPublishers.ofString("{}")).build(), BodyHandlers.ofString());
    HttpResponse<String> elsewhere = get("/dlq/../secret");

    assertEquals(405, post.statusCode());
    assertEquals("GET, HEAD", post.headers().firstValue("allow").orElseThrow());
    assertEquals("/livez answers GET, not POST.", json(post).get("error").asString());
    assertEquals(404, elsewhere.statusCode());
    assertTrue(json(elsewhere).get("error").asString().startsWith("Nothing is at "));
  }

  @Test
  void answersAnErrorWhenACheckThrows() throws Exception {
    health.ready = null;

    HttpResponse<String> response = get("/readyz");

    assertEquals(500, response.statusCode());
    assertEquals("This request failed; the log tells why.", json(response).get("error").asString());
  }

  @Test
  void answersManyAtOnce() throws Exception {
    List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      String path = List.of("/livez", "/readyz", "/metrics").get(i % 3);
      answers.add(client.sendAsync(request(path).build(), BodyHandlers.ofString()));
    }

    for (CompletableFuture<HttpResponse<String>> answer : answers) {
      assertEquals(200, answer.get(60, TimeUnit.SECONDS).statusCode());
    }
  }

  @Test
  void saysThatItsAddressIsTaken() {
    IOException taken =
        assertThrows(
            IOException.class,
            () ->
                AdminServer.start(server.address(), health, metrics, AdminServerTest::status)
                    .close());

    assertTrue(
        taken
            .getMessage()
            .startsWith("the admin server cannot listen on " + server.address() + " ("),
        taken.getMessage());
  }

  @Test
  void answersNothingOnceClosed() throws Exception {
    assertEquals(200, get("/livez").statusCode());

    server.close();

    assertThrows(ConnectException.class, () -> get("/livez"));
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return client.send(request(path).build(), BodyHandlers.ofString());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://" + server.address() + path))
        .timeout(Duration.ofSeconds(60));
  }

  private static JsonNode json(HttpResponse<String> response) {
    assertEquals("application/json", response.headers().firstValue("content-type").orElseThrow());
    return JsonMapper.shared().readTree(response.body());
  }

  private static final class SettableHealth implements Health {

    private volatile List<Check> live = List.of(Check.ok("engine"));
    private volatile List<Check> ready = List.of(Check.ok("store"));

    @Override
    public List<Check> live() {
      return live;
    }

    @Override
    public List<Check> ready() {
      return ready;
    }
  }
}
