package dev.millrace.worker.admin;

import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.http.PathMatchers;
import io.helidon.http.Status;
import io.helidon.service.registry.GlobalServiceRegistry;
import io.helidon.service.registry.ServiceRegistryConfig;
import io.helidon.service.registry.ServiceRegistryManager;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/**
 * Serves {@code /livez}, {@code /readyz}, {@code /metrics} and {@code /status}, and nothing else.
 * Every other answer is one JSON object with one sentence. Requests run on Helidon's virtual
 * threads; one that fails reaches no event.
 */
public final class AdminServer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final JsonMapper SNAKE_CASE =
      JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();
  private static final int MAX_CONNECTIONS = 128;
  private static final Duration IDLE = Duration.ofSeconds(60);

  private final WebServer server;
  private final ListenAddress address;

  private AdminServer(WebServer server, ListenAddress address) {
    this.server = server;
    this.address = address;
  }

  /**
   * Starts to listen, and returns once requests are answered.
   *
   * @param status looks at the worker; may block for the store
   * @throws IOException if the address cannot be listened on, in words for the user
   */
  public static AdminServer start(
      ListenAddress listen, Health health, Metrics metrics, Supplier<WorkerStatus> status)
      throws IOException {
    useNoServices();
    HttpRouting.Builder routing = HttpRouting.builder();
    serve(routing, "/livez", (request, response) -> check(response, health.live(), "live"));
    serve(routing, "/readyz", (request, response) -> check(response, health.ready(), "ready"));
    serve(routing, "/metrics", (request, response) -> scrape(response, metrics));
    serve(
        routing,
        "/status",
        (request, response) ->
            json(response, Status.OK_200, SNAKE_CASE.writeValueAsBytes(status.get())));
    routing.any(AdminServer::notFound);
    routing.error(Exception.class, AdminServer::failed);
    WebServer server =
        WebServer.builder()
            .host(listen.host())
            .port(listen.port())
            .routing(routing)
            .maxTcpConnections(MAX_CONNECTIONS)
            .idleConnectionTimeout(IDLE)
            .shutdownHook(false)
            .featuresDiscoverServices(false)
            .build();
    server.start();
    // Helidon logs that it cannot listen, and returns.
    if (!server.isRunning() || server.port() <= 0) {
      server.stop();
      throw new IOException(
          "the admin server cannot listen on "
              + listen
              + " ("
              + whyNot(listen)
              + "); choose another address");
    }
    return new AdminServer(server, new ListenAddress(listen.host(), server.port()));
  }

  /** Helidon would look into every jar for services that it might use; it needs none of them. */
  private static void useNoServices() {
    if (!GlobalServiceRegistry.configured()) {
      ServiceRegistryConfig none =
          ServiceRegistryConfig.builder()
              .discoverServices(false)
              .discoverServicesFromServiceLoader(false)
              .build();
      GlobalServiceRegistry.registry(ServiceRegistryManager.create(none).registry());
    }
  }

  /** Where it listens, with the port that was chosen. */
  public ListenAddress address() {
    return address;
  }

  /** Stops listening and ends open connections. */
  @Override
  public void close() {
    server.stop();
  }

  private static void serve(HttpRouting.Builder routing, String path, Handler handler) {
    routing.route(Method.predicate(Method.GET, Method.HEAD), PathMatchers.exact(path), handler);
    routing.any(
        path,
        (request, response) -> {
          response.header(HeaderNames.ALLOW, "GET, HEAD");
          sentence(
              response,
              Status.METHOD_NOT_ALLOWED_405,
              path + " answers GET, not " + request.prologue().method().text() + ".");
        });
  }

  private static void check(ServerResponse response, List<Health.Check> checks, String good) {
    boolean ok = checks.stream().allMatch(Health.Check::ok);
    json(
        response,
        ok ? Status.OK_200 : Status.SERVICE_UNAVAILABLE_503,
        Map.of("status", ok ? good : "not " + good, "checks", checks));
  }

  private static void scrape(ServerResponse response, Metrics metrics) {
    response.header(HeaderNames.CONTENT_TYPE, Metrics.CONTENT_TYPE);
    response.send(metrics.scrape());
  }

  private static void notFound(ServerRequest request, ServerResponse response) {
    sentence(
        response,
        Status.NOT_FOUND_404,
        "Nothing is at "
            + request.path().path()
            + "; there are /livez, /readyz, /metrics and /status.");
  }

  private static void failed(ServerRequest request, ServerResponse response, Exception cause) {
    LOG.atError()
        .setCause(cause)
        .addKeyValue("path", request.path().path())
        .log("a request to the admin server failed");
    sentence(response, Status.INTERNAL_SERVER_ERROR_500, "This request failed; the log tells why.");
  }

  private static void sentence(ServerResponse response, Status status, String sentence) {
    json(response, status, Map.of("error", sentence));
  }

  private static void json(ServerResponse response, Status status, Object body) {
    json(response, status, JSON.writeValueAsBytes(body));
  }

  private static void json(ServerResponse response, Status status, byte[] body) {
    response.status(status);
    response.header(HeaderNames.CONTENT_TYPE, "application/json");
    response.header(HeaderNames.CACHE_CONTROL, "no-store");
    response.send(body);
  }

  private static String whyNot(ListenAddress listen) {
    try (ServerSocket probe = new ServerSocket()) {
      probe.bind(new InetSocketAddress(listen.host(), listen.port()));
      return "it is free again now";
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    }
  }
}
