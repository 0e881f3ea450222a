package dev.millrace.worker.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import dev.millrace.abi.Header;
import dev.millrace.worker.wasm.host.HttpGateway;
import dev.millrace.worker.wasm.host.HttpGateway.Denied;
import dev.millrace.worker.wasm.host.HttpGateway.Invalid;
import dev.millrace.worker.wasm.host.HttpGateway.Request;
import dev.millrace.worker.wasm.host.HttpGateway.Response;
import dev.millrace.worker.wasm.host.HttpGateway.TooLarge;
import dev.millrace.worker.wasm.host.UnavailableException;
import dev.millrace.worker.wasm.spec.HttpOrigin;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import okhttp3.Dns;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The gateway against a server of this machine, which is a private address like any other. */
class OkHttpGatewayTest {

  private static final int LIMIT = 1000;

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<String> seen = new CopyOnWriteArrayList<>();
  private final List<String> lookedUp = new CopyOnWriteArrayList<>();

  /** What a name leads to, one after the other; the last one again and again. */
  private List<String> addresses = new ArrayList<>(List.of("127.0.0.1"));

  private final OkHttpGateway gateway = OkHttpGateway.with(new Names());
  private HttpServer server;
  private int port;

  private final class Names implements Dns {
    @Override
    public List<InetAddress> lookup(String name) {
      lookedUp.add(name);
      String address = addresses.size() > 1 ? addresses.removeFirst() : addresses.getFirst();
      try {
        return List.of(InetAddress.getByName(address));
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    port = server.getAddress().getPort();
    server.start();
    on("/echo", this::echo);
    on("/to", exchange -> redirect(exchange, 302, exchange.getRequestURI().getQuery()));
    on("/again", exchange -> redirect(exchange, 307, exchange.getRequestURI().getQuery()));
  }

  @AfterEach
  void stop() {
    gateway.close();
    server.stop(0);
    threads.shutdownNow();
  }

  @Test
  void sendsMethodHeadersAndBody() throws Exception {
    Response response =
        response(
            request("POST", "/echo?q=1", "hello", new Header("X-One", ascii("1"))), "localhost");

    assertEquals(201, response.status());
    assertEquals("hello", new String(response.body(), StandardCharsets.UTF_8));
    assertTrue(
        response.headers().stream()
            .anyMatch(header -> header.name().equals("x-answer") && text(header).equals("yes")));
    String request = seen.getFirst();
    assertTrue(request.startsWith("POST /echo?q=1 "), request);
    assertTrue(request.contains("X-one=1"), request);
    assertTrue(request.contains("Accept-encoding=identity"), request);
    assertTrue(request.contains("User-agent=millrace"), request);
  }

  @Test
  void whatIsNotGrantedIsDenied() throws Exception {
    Denied denied = assertInstanceOf(Denied.class, send("GET", "/echo", "http://other:" + port));

    assertEquals(
        "http://localhost:" + port + " is not granted; list it in the manifest under allow.http",
        denied.reason());
    assertInstanceOf(Denied.class, send("GET", "/echo", "http://localhost:" + (port + 1)));
    assertInstanceOf(Denied.class, send("GET", "/echo", "https://localhost:" + port));
    assertEquals(List.of(), seen);
    assertEquals(List.of(), lookedUp, "not even looked up");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ftp://localhost/",
        "localhost",
        "",
        "http://",
        "http://user@localhost/",
        "http://user:pass@localhost/",
        "file:///etc/passwd",
        "http://local host/"
      })
  void whatIsNoUrlIsInvalid(String url) throws Exception {
    assertInstanceOf(Invalid.class, gateway.send(to(url, "http://localhost")));
  }

  @Test
  void aNameThatLeadsToAPrivateAddressIsDenied() throws Exception {
    Denied denied = (Denied) gateway.send(to(at("api.example", "/echo"), at("api.example", "")));

    assertTrue(denied.reason().contains("leads to 127.0.0.1, which is not on the internet"));
    assertEquals(List.of(), seen);
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.0.0.1", "169.254.169.254", "::1", "fd00::1", "0.0.0.0"})
  void noPrivateAddressIsConnectedTo(String address) throws Exception {
    addresses = List.of(address);

    assertInstanceOf(
        Denied.class, gateway.send(to(at("api.example", "/echo"), at("api.example", ""))));
  }

  @Test
  void aNameThatIsGrantedAsPrivateMayLeadThere() throws Exception {
    HttpOrigin origin = HttpOrigin.parse("http://*.internal:" + port, true);

    Response response =
        (Response) gateway.send(to(at("a.internal", "/echo"), Set.of(origin), Optional.empty()));

    assertEquals(201, response.status());
  }

  @ParameterizedTest
  @CsvSource({"127.0.0.1,127.0.0.1", "localhost,localhost"})
  void anAddressThatIsGrantedItselfMayBePrivate(String origin, String host) throws Exception {
    assertInstanceOf(
        Response.class, gateway.send(to(at(host, "/echo"), "http://" + origin + ":" + port)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.0.0.1."})
  void anotherSpellingOfAnAddressIsNoGrant(String host) throws Exception {
    HttpGateway.Answer answer = gateway.send(to(at(host, "/echo"), "http://127.0.0.1:" + port));

    assertTrue(answer instanceof Denied || answer instanceof Invalid, answer::toString);
    assertEquals(List.of(), seen);
  }

  @Test
  void aNameIsLookedUpOnceSoThatItCannotChangeItsMind() throws Exception {
    // Whoever checks one answer and connects by another would reach the server with the second.
    addresses = new ArrayList<>(List.of("10.0.0.1", "127.0.0.1"));
    Request request = to(at("rebind.example", "/echo"), at("rebind.example", ""));

    Denied first = assertInstanceOf(Denied.class, gateway.send(request));
    Denied second = assertInstanceOf(Denied.class, gateway.send(request));

    assertTrue(first.reason().contains("leads to 10.0.0.1"), first::reason);
    assertTrue(second.reason().contains("leads to 127.0.0.1"), second::reason);
    assertEquals(List.of("rebind.example", "rebind.example"), lookedUp);
    assertEquals(List.of(), seen);
  }

  @Test
  void aConnectionOfOneWhoMayIsNotUsedForOneWhoMayNot() throws Exception {
    HttpOrigin may = HttpOrigin.parse(at("shared.example", ""), true);
    HttpOrigin mayNot = HttpOrigin.parse(at("shared.example", ""), false);

    assertInstanceOf(
        Response.class,
        gateway.send(to(at("shared.example", "/echo"), Set.of(may), Optional.empty())));
    assertInstanceOf(
        Denied.class,
        gateway.send(to(at("shared.example", "/echo"), Set.of(mayNot), Optional.empty())));
    assertEquals(1, seen.size());
  }

  @Test
  void followsARedirect() throws Exception {
    Response response = response(request("POST", "/to?/echo", "body"), "localhost");

    assertEquals(201, response.status());
    assertTrue(seen.getLast().startsWith("GET /echo "), seen::toString);
    assertEquals(0, response.body().length);
  }

  @Test
  void repeatsARequestWhereTheRedirectSaysSo() throws Exception {
    Response response = response(request("POST", "/again?/echo", "body"), "localhost");

    assertEquals("body", new String(response.body(), StandardCharsets.UTF_8));
    assertTrue(seen.getLast().startsWith("POST /echo "), seen::toString);
  }

  @Test
  void aRedirectToWhatIsNotGrantedIsDenied() throws Exception {
    Denied denied =
        assertInstanceOf(Denied.class, send("GET", "/to?http://169.254.169.254/latest", local()));

    assertTrue(denied.reason().startsWith("http://169.254.169.254:80 is not granted"));
  }

  @Test
  void aRedirectToAPrivateAddressIsDenied() throws Exception {
    HttpOrigin first = HttpOrigin.parse(local(), false);
    HttpOrigin second = HttpOrigin.parse(at("api.example", ""), false);

    HttpGateway.Answer answer =
        gateway.send(
            to(
                at("localhost", "/to?" + at("api.example", "/echo")),
                Set.of(first, second),
                Optional.empty()));

    assertTrue(assertInstanceOf(Denied.class, answer).reason().contains("not on the internet"));
  }

  @Test
  void credentialsStayWithTheFirstOrigin() throws Exception {
    HttpOrigin other = HttpOrigin.parse(at("b.internal", ""), true);
    Request request =
        new Request(
            "GET",
            at("localhost", "/to?" + at("b.internal", "/echo")),
            List.of(
                new Header("Authorization", ascii("secret")),
                new Header("Cookie", ascii("c=1")),
                new Header("X-Kept", ascii("1"))),
            null,
            Optional.empty(),
            Set.of(HttpOrigin.parse(local(), false), other),
            LIMIT);

    assertInstanceOf(Response.class, gateway.send(request));

    String last = seen.getLast();
    assertTrue(last.contains("X-kept=1"), last);
    assertTrue(!last.contains("secret") && !last.contains("c=1"), last);
  }

  @Test
  void anEndlessRedirectIsUnavailable() {
    on("/loop", exchange -> redirect(exchange, 301, "/loop"));

    UnavailableException endless =
        assertThrows(UnavailableException.class, () -> send("GET", "/loop", local()));

    assertTrue(endless.getMessage().endsWith("redirects more than 5 times"));
    assertEquals(6, seen.size());
  }

  @Test
  void aBodyAtTheLimitIsReadAndOneBeyondIsTooLarge() throws Exception {
    on("/at", exchange -> answer(exchange, new byte[LIMIT]));
    on("/beyond", exchange -> answer(exchange, new byte[LIMIT + 1]));

    assertEquals(LIMIT, ((Response) send("GET", "/at", local())).body().length);
    TooLarge large = (TooLarge) send("GET", "/beyond", local());
    assertTrue(large.reason().contains("more than limits.http_body 1000 bytes"));
  }

  @Test
  void anEndlessBodyIsTooLarge() throws Exception {
    CountDownLatch cutOff = new CountDownLatch(1);
    on(
        "/endless",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          try (OutputStream body = exchange.getResponseBody()) {
            while (true) {
              body.write(new byte[4096]);
            }
          } catch (IOException e) {
            cutOff.countDown();
          }
        });

    assertInstanceOf(TooLarge.class, send("GET", "/endless", local()));
    assertTrue(cutOff.await(30, TimeUnit.SECONDS), "the server may stop");
  }

  @Test
  void nothingIsUnpacked() throws Exception {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write(new byte[200_000]);
    }
    on(
        "/bomb",
        exchange -> {
          exchange.getResponseHeaders().add("content-encoding", "gzip");
          answer(exchange, packed.toByteArray());
        });

    assertArrayEquals(packed.toByteArray(), ((Response) send("GET", "/bomb", local())).body());
  }

  @Test
  void tooManyHeadersAreTooLarge() throws Exception {
    on(
        "/headers",
        exchange -> {
          for (int i = 0; i < 70; i++) {
            exchange.getResponseHeaders().add("h" + i, "x".repeat(1000));
          }
          answer(exchange, new byte[0]);
        });

    assertInstanceOf(TooLarge.class, send("GET", "/headers", local()));
  }

  @Test
  void aSlowBodyEndsWithTheTimeout() {
    on(
        "/slow",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write(1);
          exchange.getResponseBody().flush();
          pause();
        });

    UnavailableException slow =
        assertThrows(
            UnavailableException.class,
            () ->
                gateway.send(
                    to(
                        at("localhost", "/slow"),
                        Set.of(HttpOrigin.parse(local(), false)),
                        Optional.of(Duration.ofMillis(300)))));

    assertTrue(slow.getMessage().contains("did not answer: timeout"), slow::getMessage);
  }

  @Test
  void anInterruptEndsTheWaitAndTheRequest() throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(1);
    on(
        "/hang",
        exchange -> {
          arrived.countDown();
          pause();
        });
    Thread guest =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    send("GET", "/hang", local());
                  } catch (InterruptedException e) {
                    ended.countDown();
                  } catch (UnavailableException e) {
                    throw new IllegalStateException(e);
                  }
                });
    assertTrue(arrived.await(30, TimeUnit.SECONDS));

    guest.interrupt();

    assertTrue(ended.await(30, TimeUnit.SECONDS));
    guest.join();
  }

  @Test
  void nobodyThereIsUnavailable() throws Exception {
    int free;
    try (ServerSocket socket = new ServerSocket(0)) {
      free = socket.getLocalPort();
    }
    String nowhere = "http://localhost:" + free;

    UnavailableException gone =
        assertThrows(UnavailableException.class, () -> gateway.send(to(nowhere + "/", nowhere)));

    assertTrue(gone.getMessage().startsWith(nowhere + " did not answer: "), gone::getMessage);
  }

  @Test
  void aCutConnectionIsUnavailableAndTheRequestIsNotRepeated() {
    on("/cut", HttpExchange::close);

    assertThrows(UnavailableException.class, () -> send("POST", "/cut", local()));

    assertEquals(1, seen.size());
  }

  @Test
  void aServerThatAsksForItAgainAtOnceGetsIt() throws Exception {
    on(
        "/busy",
        exchange -> {
          exchange.getResponseHeaders().add("retry-after", "0");
          exchange.sendResponseHeaders(503, -1);
          exchange.close();
        });

    assertEquals(503, ((Response) send("GET", "/busy", local())).status());
    assertEquals(2, seen.size());
  }

  @Test
  void errorsOfTheServerAreAnswers() throws Exception {
    on(
        "/broken",
        exchange -> {
          exchange.sendResponseHeaders(503, -1);
          exchange.close();
        });

    assertEquals(503, ((Response) send("GET", "/broken", local())).status());
    assertEquals(404, ((Response) send("GET", "/nothing", local())).status());
    assertNull(seen.stream().filter(line -> line.contains("/nothing")).findAny().orElse(null));
  }

  private String local() {
    return "http://localhost:" + port;
  }

  private String at(String host, String path) {
    return "http://" + host + ":" + port + path;
  }

  private HttpGateway.Answer send(String method, String path, String origin)
      throws UnavailableException, InterruptedException {
    Request request = request(method, path, null);
    return gateway.send(
        new Request(
            method,
            request.url(),
            List.of(),
            null,
            Optional.empty(),
            Set.of(HttpOrigin.parse(origin, false)),
            LIMIT));
  }

  private Response response(Request request, String host) throws Exception {
    assertEquals("localhost", host);
    return assertInstanceOf(Response.class, gateway.send(request));
  }

  private Request request(String method, String path, String body, Header... headers) {
    return new Request(
        method,
        at("localhost", path),
        Arrays.asList(headers),
        body == null ? null : body.getBytes(StandardCharsets.UTF_8),
        Optional.empty(),
        Set.of(HttpOrigin.parse(local(), false)),
        LIMIT);
  }

  private static Request to(String url, String origin) {
    return to(url, Set.of(HttpOrigin.parse(origin, false)), Optional.empty());
  }

  private static Request to(String url, Set<HttpOrigin> origins, Optional<Duration> timeout) {
    return new Request("GET", url, List.of(), null, timeout, origins, LIMIT);
  }

  private void on(String path, HttpHandler handler) {
    server.createContext(
        path,
        exchange -> {
          seen.add(
              exchange.getRequestMethod()
                  + " "
                  + exchange.getRequestURI()
                  + " "
                  + headers(exchange.getRequestHeaders()));
          handler.handle(exchange);
        });
  }

  private static String headers(Map<String, List<String>> headers) {
    return headers.entrySet().stream()
        .flatMap(entry -> Stream.of(entry.getKey() + "=" + String.join(",", entry.getValue())))
        .sorted()
        .collect(Collectors.joining(" "));
  }

  private void echo(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    exchange.getResponseHeaders().add("X-Answer", "yes");
    exchange.sendResponseHeaders(201, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private static void redirect(HttpExchange exchange, int status, String to) throws IOException {
    exchange.getRequestBody().readAllBytes();
    exchange.getResponseHeaders().add("Location", to);
    exchange.sendResponseHeaders(status, -1);
    exchange.close();
  }

  private static void answer(HttpExchange exchange, byte[] body) throws IOException {
    exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  /** Until the test ends. */
  private static void pause() {
    try {
      Thread.sleep(Duration.ofMinutes(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static String text(Header header) {
    return new String(header.value(), StandardCharsets.US_ASCII);
  }
}
