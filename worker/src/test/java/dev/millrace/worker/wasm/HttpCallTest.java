package dev.millrace.worker.wasm;

import static dev.millrace.worker.wasm.Guests.failure;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.abi.GuestAbi;
import dev.millrace.abi.Header;
import dev.millrace.triggers.FailureKind;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.wasm.HostCalls.Answer;
import dev.millrace.worker.wasm.host.HttpGateway;
import dev.millrace.worker.wasm.host.NameValues;
import dev.millrace.worker.wasm.host.Outside;
import dev.millrace.worker.wasm.host.UnavailableException;
import dev.millrace.worker.wasm.recording.Replay;
import dev.millrace.worker.wasm.spec.Grants;
import dev.millrace.worker.wasm.spec.HttpOrigin;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The host call {@code http}, as a guest sees it; a script stands for the world. */
class HttpCallTest {

  private final List<HttpGateway.Request> sent = new ArrayList<>();
  private HttpGateway.Answer answer =
      new HttpGateway.Response(
          200, List.of(new Header("x", ascii("y"))), "the body".getBytes(StandardCharsets.UTF_8));
  private final Engine engine =
      Engine.open(
          EngineOptions.defaults().withOutside(Outside.inMemory().withHttp(this::scripted)));
  private WasmFunction function;
  private HostCalls calls;

  private HttpGateway.Answer scripted(HttpGateway.Request request) throws UnavailableException {
    sent.add(request);
    if (answer == null) {
      throw new UnavailableException("nobody is there");
    }
    return answer;
  }

  @BeforeEach
  void deploy() throws DeployException {
    HttpOrigin origin = HttpOrigin.parse("https://api.example", false);
    function =
        engine.deploy(Guests.with(Guests.spec("host-calls"), Grants.NONE.withHttp(Set.of(origin))));
    calls = HostCalls.of(engine);
  }

  @AfterEach
  void close() {
    engine.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "65536,1,0,1,0,0,0,-1,0",
        "0,-1,0,1,0,0,0,-1,0",
        "0,1,65535,2,0,0,0,-1,0",
        "0,1,0,-1,0,0,0,-1,0",
        "0,1,0,1,65536,1,0,-1,0",
        "0,1,0,1,0,-1,0,-1,0",
        "0,1,0,1,0,0,65536,1,0",
        "0,1,0,1,0,0,0,-2,0"
      })
  void aPointerOutsideTheMemoryEndsTheInvocation(String arguments) {
    long[] numbers = Arrays.stream(arguments.split(",")).mapToLong(Long::parseLong).toArray();

    assertTrue(
        failure(FailureKind.BROKEN_CONTRACT, function.invoke(calls.call("http", numbers).event()))
            .error()
            .contains("called millrace.http with pointer "));
    assertEquals(List.of(), sent);
  }

  @Test
  void sendsWhatTheGuestSays() {
    byte[] headers = NameValues.encodeHeaders(List.of(new Header("a", ascii("b"))));
    int method = calls.text("POST");
    int url = calls.text("https://api.example/v1");
    int at = calls.bytes(headers);
    int body = calls.text("hello");
    calls.call("http", method, 4, url, 22, at, headers.length, body, 5, 1500);
    calls.call("answer_read", HostCalls.OUT, 100, 4);

    Answer read = Answer.of(function.invoke(calls.event()));

    assertEquals(8, read.result());
    assertEquals("body\0", read.text(0, 5));
    HttpGateway.Request request = sent.getFirst();
    assertEquals("POST", request.method());
    assertEquals("https://api.example/v1", request.url());
    assertArrayEquals(headers, NameValues.encodeHeaders(request.headers()));
    assertArrayEquals(ascii("hello"), request.body());
    assertEquals(Optional.of(Duration.ofMillis(1500)), request.timeout());
    assertEquals(1 << 20, request.maxBodyBytes());
  }

  @Test
  void theAnswersHeadersAreAList() {
    call("GET", null, -1, 0);
    calls.call("answer_headers_read", HostCalls.OUT, 100);

    Answer read = Answer.of(function.invoke(calls.event()));

    byte[] expected = NameValues.encodeHeaders(List.of(new Header("x", ascii("y"))));
    assertEquals(expected.length, read.result());
    assertArrayEquals(expected, Arrays.copyOf(read.out(), expected.length));
    assertNull(sent.getFirst().body());
    assertEquals(Optional.empty(), sent.getFirst().timeout());
  }

  @Test
  void answersTheStatus() {
    answer = new HttpGateway.Response(503, List.of(), new byte[0]);

    assertEquals(503, call("GET", null, -1, 0).result());
  }

  @Test
  void whatCannotBeSaysWhy() {
    Map<Integer, HttpGateway.Answer> refusals =
        Map.of(
            GuestAbi.DENIED, new HttpGateway.Denied("not there"),
            GuestAbi.TOO_LARGE, new HttpGateway.TooLarge("too much"),
            GuestAbi.INVALID, new HttpGateway.Invalid("no URL"));
    refusals.forEach(
        (code, refusal) -> {
          answer = refusal;
          calls = HostCalls.of(engine);
          Invocation.Result result = invoke("GET", null, -1, 0);
          assertEquals((long) code, Answer.of(result).result());
          assertTrue(result.log().startsWith("WARN http: "), result::log);
        });
    answer = null;
    calls = HostCalls.of(engine);
    Invocation.Result result = invoke("GET", null, -1, 0);
    assertEquals(GuestAbi.UNAVAILABLE, Answer.of(result).result());
    assertEquals("WARN http: nobody is there\n", result.log());
  }

  @ParameterizedTest
  @CsvSource({"get", "TRACE", "CONNECT", "''", "GETGETGETGETGETGET"})
  void onlyUsualMethodsAreSent(String method) {
    assertEquals(GuestAbi.INVALID, call(method, null, -1, 0).result());
    assertEquals(List.of(), sent);
  }

  @Test
  void aBodyWhereNoneBelongsIsInvalid() {
    assertEquals(GuestAbi.INVALID, call("GET", null, 0, 0).result());
    calls = HostCalls.of(engine);
    assertEquals(GuestAbi.INVALID, call("HEAD", null, 1, 0).result());
    calls = HostCalls.of(engine);
    assertEquals(GuestAbi.INVALID, call("GET", null, -1, -1).result());
    assertEquals(List.of(), sent);
  }

  @ParameterizedTest
  @CsvSource({
    "Host,h",
    "connection,close",
    "Content-Length,7",
    "transfer-encoding,chunked",
    "upgrade,h2c",
    "expect,100-continue",
    "TE,trailers",
    "Proxy-Authorization,x",
    "a b,x",
    "'',x",
    "ok,'a\r\nb'",
    "ok,'a\0b'"
  })
  void headersOfTheConnectionAndMalformedOnesAreInvalid(String name, String value) {
    byte[] headers =
        NameValues.encodeHeaders(List.of(new Header(name, value.getBytes(StandardCharsets.UTF_8))));

    assertEquals(GuestAbi.INVALID, call("GET", headers, -1, 0).result());
    assertEquals(List.of(), sent);
  }

  @Test
  void withoutAGrantItIsDenied() throws DeployException {
    function = engine.deploy(Guests.spec("host-calls"));

    Invocation.Result result = invoke("GET", null, -1, 0);

    assertEquals(GuestAbi.DENIED, Answer.of(result).result());
    assertEquals(
        "WARN http denied; grant origins in the manifest under allow.http\n", result.log());
    assertEquals(List.of(), sent);
  }

  @Test
  void theTraceOfTheEventGoesWithTheRequest() {
    byte[] own = NameValues.encodeHeaders(List.of(new Header("TraceParent", ascii("own"))));
    prepare("GET", null, -1, 0);
    function.invoke(traced(calls.data()));
    calls = HostCalls.of(engine);
    prepare("GET", own, -1, 0);
    function.invoke(traced(calls.data()));

    assertEquals("traceparent", sent.get(0).headers().getFirst().name());
    assertArrayEquals(ascii("00-abc-def-01"), sent.get(0).headers().getFirst().value());
    assertArrayEquals(own, NameValues.encodeHeaders(sent.get(1).headers()));
  }

  @Test
  void aRecordedAttemptSendsNothing() {
    int method = calls.text("GET");
    int url = calls.text("https://api.example/v1");
    calls.call("http", method, 3, url, 22, 0, 0, 0, -1, 0);
    calls.call("answer_read", HostCalls.ANSWER, 1, 0);
    Invocation event = calls.event();
    Invocation.Result then = function.invoke(event);
    failure(FailureKind.BROKEN_CONTRACT, then); // 't' is no answer of 'handle'
    answer = null;

    Replay replay = function.replay(event, then.recording().orElseThrow());

    assertEquals(then.outcome(), replay.result().outcome());
    assertEquals(Optional.empty(), replay.divergence());
    assertEquals(1, sent.size());
  }

  private Answer call(String method, byte[] headers, int bodyLength, long timeout) {
    return Answer.of(invoke(method, headers, bodyLength, timeout));
  }

  private Invocation.Result invoke(String method, byte[] headers, int bodyLength, long timeout) {
    prepare(method, headers, bodyLength, timeout);
    return function.invoke(calls.event());
  }

  private void prepare(String method, byte[] headers, int bodyLength, long timeout) {
    int methodAt = calls.text(method + "\0");
    int url = calls.text("https://api.example/v1");
    int headersAt = calls.bytes(headers == null ? new byte[1] : headers);
    calls.call(
        "http",
        methodAt,
        method.length(),
        url,
        22,
        headersAt,
        headers == null ? 0 : headers.length,
        0,
        bodyLength,
        timeout);
  }

  private static Invocation traced(byte[] data) {
    return Guests.event(
        new DetachedEvent(
            "id-1",
            "test:source",
            "test.type",
            Optional.empty(),
            Guests.NOON,
            Optional.empty(),
            Optional.empty(),
            Map.of("traceparent", "00-abc-def-01"),
            null,
            List.of(),
            data));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
