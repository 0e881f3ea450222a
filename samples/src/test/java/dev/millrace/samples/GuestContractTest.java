package dev.millrace.samples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.abi.Header;
import dev.millrace.abi.Message;
import dev.millrace.triggers.FailureKind;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.dispatch.Outcome;
import dev.millrace.worker.wasm.DeployException;
import dev.millrace.worker.wasm.Engine;
import dev.millrace.worker.wasm.EngineOptions;
import dev.millrace.worker.wasm.WasmFunction;
import dev.millrace.worker.wasm.host.HttpGateway;
import dev.millrace.worker.wasm.host.KeyValues;
import dev.millrace.worker.wasm.host.Outside;
import dev.millrace.worker.wasm.host.UnavailableException;
import dev.millrace.worker.wasm.spec.AbiSpec;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import dev.millrace.worker.wasm.spec.FunctionSpec.InstanceMode;
import dev.millrace.worker.wasm.spec.Grants;
import dev.millrace.worker.wasm.spec.HttpOrigin;
import dev.millrace.worker.wasm.spec.Limits;
import dev.millrace.worker.wasm.spec.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What every SDK offers, and that it is the same in each: one guest a language, in {@code
 * contract/}, does what an event's type asks for.
 */
class GuestContractTest {

  private static final Path CONTRACT = Path.of("").toAbsolutePath().resolve("contract");
  private static final Instant TIME = Instant.parse("2026-03-29T01:00:00.25Z");
  private static final String REACHABLE = "https://api.example.com/v1";
  private static final Grants ALL =
      new Grants(Set.of("events/out"), true)
          .withKeyValues(Set.of("default"))
          .withHttp(Set.of(HttpOrigin.parse("https://api.example.com", false)));

  /** Compiled modules and what was built here, for all tests. */
  @TempDir private static Path directory;

  private Engine engine;

  static Stream<Arguments> sdks() {
    return Stream.of(
        Arguments.of("rust", InstanceMode.FRESH),
        Arguments.of("rust", InstanceMode.REUSE),
        Arguments.of("c", InstanceMode.FRESH),
        Arguments.of("c", InstanceMode.REUSE),
        Arguments.of("assemblyscript", InstanceMode.FRESH),
        Arguments.of("assemblyscript", InstanceMode.REUSE),
        Arguments.of("javascript", InstanceMode.FRESH),
        Arguments.of("javascript", InstanceMode.REUSE),
        Arguments.of("go", InstanceMode.FRESH)); // a program, which is never reused
  }

  @BeforeEach
  void open() {
    Outside outside =
        Outside.inMemory()
            .withKeyValues(Map.of("default", KeyValues.inMemory(InstantSource.system())))
            .withHttp(GuestContractTest::answer);
    engine =
        Engine.open(
            EngineOptions.defaults()
                .withCacheDirectory(directory.resolve("cache"))
                .withOutside(outside));
  }

  @AfterEach
  void close() {
    engine.close();
  }

  @ParameterizedTest
  @MethodSource("sdks")
  void seesItsEventAndItsConfiguration(String language, InstanceMode mode) throws Exception {
    DetachedEvent event =
        event("look", null)
            .withKey("k-1".getBytes(UTF_8))
            .withExtensions(Map.of("tenant", "grüße"))
            .withHeaders(
                List.of(
                    new Header("a", "1".getBytes(UTF_8)),
                    new Header("a", "ä".repeat(2_000).getBytes(UTF_8)),
                    new Header("none", null),
                    new Header("empty", new byte[0])));
    try (WasmFunction function = deploy(language, mode, ALL)) {
      String expected =
          "id-1\ntest:source\n2026-03-29T01:00:00.250Z\n3\ngrüße\n\nk-1\na=1\na="
              + "ä".repeat(2_000)
              + "\nnone=-\nempty=\nhello";

      assertEquals(expected, reply(function.invoke(new Invocation(event, "a-trigger", 3))));
    }
  }

  @ParameterizedTest
  @MethodSource("sdks")
  void repliesWithBytesAsTheyAre(String language, InstanceMode mode) throws Exception {
    byte[] bytes = new byte[5_000];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) i;
    }
    try (WasmFunction function = deploy(language, mode, ALL)) {
      DetachedEvent event = DetachedEvent.of("id-1", "test:source", "bytes", TIME, bytes);

      assertArrayEquals(bytes, succeeded(invoke(function, event)).reply());
      assertNull(succeeded(invoke(function, event("nothing", "x"))).reply());
    }
  }

  @ParameterizedTest
  @MethodSource("sdks")
  void asksForARetry(String language, InstanceMode mode) throws Exception {
    try (WasmFunction function = deploy(language, mode, ALL)) {
      Outcome.Failed later = failed(function, event("retry_after", "büsy"));
      Outcome.Failed some = failed(function, event("retry", "again"));

      assertEquals(FailureKind.RETRY_REQUESTED, later.kind());
      assertEquals(Optional.of(Duration.ofMillis(1_500)), later.retryAfter());
      assertTrue(later.error().endsWith(": büsy"), later.error());
      assertEquals(FailureKind.RETRY_REQUESTED, some.kind());
      assertEquals(Optional.empty(), some.retryAfter());
    }
  }

  @ParameterizedTest
  @MethodSource("sdks")
  void rejectsWithAReason(String language, InstanceMode mode) throws Exception {
    try (WasmFunction function = deploy(language, mode, ALL)) {
      Outcome.Failed failed = failed(function, event("reject", "never"));

      assertEquals(FailureKind.REJECTED, failed.kind());
      assertTrue(failed.error().endsWith(": never"), failed.error());
    }
  }

  @ParameterizedTest
  @MethodSource("sdks")
  void failsByAPanicAndGoesOn(String language, InstanceMode mode) throws Exception {
    try (WasmFunction function = deploy(language, mode, ALL)) {
      Outcome.Failed failed = failed(function, event("fail", "a bug"));

      assertTrue(
          Set.of(FailureKind.TRAP, FailureKind.EXIT_CODE).contains(failed.kind()),
          failed::toString);
      assertTrue(failed.error().contains("a bug"), failed.error());
      assertEquals("1", reply(invoke(function, event("seen", "x"))));
    }
  }

  @ParameterizedTest
  @MethodSource("sdks")
  void seesOfTheEventBeforeWhatItsModeSays(String language, InstanceMode mode) throws Exception {
    try (WasmFunction function = deploy(language, mode, ALL)) {
      invoke(function, event("seen", "x"));

      assertEquals(
          mode == InstanceMode.FRESH ? "1" : "2", reply(invoke(function, event("seen", "x"))));
    }
  }

  @ParameterizedTest
  @MethodSource("sdks")
  void logsByLevel(String language, InstanceMode mode) throws Exception {
    try (WasmFunction function = deploy(language, mode, ALL)) {
      Invocation.Result result = invoke(function, event("log", "ä"));

      assertNull(succeeded(result).reply());
      assertEquals("DEBUG d ä\nINFO i ä\nWARN w ä\nERROR e ä\n", result.log());
    }
  }

  @ParameterizedTest
  @MethodSource("sdks")
  void logsFields(String language, InstanceMode mode) throws Exception {
    try (WasmFunction function = deploy(language, mode, ALL)) {
      Invocation.Result result = invoke(function, event("fields", "charged"));

      assertNull(succeeded(result).reply());
      assertEquals("WARN charged order=o-1 why=\"no money\"\n", result.log());
    }
  }

  @ParameterizedTest
  @MethodSource("sdks")
  void saysThatItLives(String language, InstanceMode mode) throws Exception {
    try (WasmFunction function = deploy(language, mode, ALL)) {
      assertEquals("true", reply(invoke(function, event("heartbeat", "half-way"))));
    }
  }

  @ParameterizedTest
  @MethodSource("sdks")
  void publishesWithKeyAndHeaders(String language, InstanceMode mode) throws Exception {
    DetachedEvent event =
        event("publish", "grüße")
            .withKey(new byte[] {0, (byte) 0xff})
            .withHeaders(
                List.of(new Header("a", new byte[] {(byte) 0xfe}), new Header("none", null)));
    try (WasmFunction function = deploy(language, mode, ALL)) {
      List<Message> messages = succeeded(invoke(function, event)).publishes();

      assertEquals(1, messages.size());
      Message message = messages.get(0);
      assertEquals("events/out", message.to());
      assertArrayEquals(event.key(), message.key());
      assertEquals("grüße", text(message.data()));
      assertEquals(List.of("a", "none"), message.headers().stream().map(Header::name).toList());
      assertArrayEquals(new byte[] {(byte) 0xfe}, message.headers().get(0).value());
      assertNull(message.headers().get(1).value());

      Message empty = succeeded(invoke(function, event("publish", null))).publishes().get(0);
      assertNull(empty.key());
      assertNull(empty.data());
      assertEquals(List.of(), empty.headers());
    }
  }

  @ParameterizedTest
  @MethodSource("sdks")
  void claimsAKeyOnce(String language, InstanceMode mode) throws Exception {
    try (WasmFunction function = deploy(language, mode, ALL)) {
      assertEquals("first", reply(invoke(function, event("once", "a-key"))));

      DetachedEvent other = DetachedEvent.of("id-2", "test:source", "once", TIME, "a-key");
      assertEquals("busy", reply(invoke(function, other)));
    }
  }

  @ParameterizedTest
  @MethodSource("sdks")
  void keepsValues(String language, InstanceMode mode) throws Exception {
    try (WasmFunction function = deploy(language, mode, ALL)) {
      assertEquals(
          "true true true false true true false true true",
          reply(invoke(function, event("kv", "x"))));
      assertEquals("5", reply(invoke(function, event("kv_count", "x"))));
      assertEquals("10", reply(invoke(function, event("kv_count", "x"))));
    }
  }

  @ParameterizedTest
  @MethodSource("sdks")
  void sendsHttpRequests(String language, InstanceMode mode) throws Exception {
    try (WasmFunction function = deploy(language, mode, ALL)) {
      assertEquals(
          "418 POST yes " + "ping".repeat(1_000),
          reply(invoke(function, event("http", REACHABLE))));

      Outcome.Failed away = failed(function, event("http", REACHABLE + "/away"));
      assertEquals(FailureKind.RETRY_REQUESTED, away.kind(), away::error);
      assertTrue(away.error().contains("the other side did not answer"), away.error());
    }
  }

  @ParameterizedTest
  @MethodSource("sdks")
  void knowsHowMuchTimeItHas(String language, InstanceMode mode) throws Exception {
    try (WasmFunction function = deploy(language, mode, ALL)) {
      assertEquals("true", reply(invoke(function, event("deadline", "x"))));
    }
  }

  @ParameterizedTest
  @MethodSource("sdks")
  void rejectsWhatIsNotGranted(String language, InstanceMode mode) throws Exception {
    try (WasmFunction function = deploy(language, mode, Grants.NONE)) {
      for (String type : List.of("publish", "once", "kv", "kv_count", "http")) {
        Outcome.Failed failed = failed(function, event(type, REACHABLE));

        assertEquals(FailureKind.REJECTED, failed.kind(), failed::error);
        assertTrue(failed.error().contains("not granted by the manifest's allow"), failed.error());
      }
    }
  }

  private static HttpGateway.Answer answer(HttpGateway.Request request)
      throws UnavailableException {
    if (request.url().endsWith("/away")) {
      throw new UnavailableException("away");
    }
    String sent =
        request.headers().stream()
            .filter(header -> header.name().equals("x-test"))
            .map(header -> text(header.value()))
            .findFirst()
            .orElse("");
    return new HttpGateway.Response(
        418,
        List.of(
            new Header("x-other", new byte[0]),
            new Header("x-answer", (request.method() + " " + sent).getBytes(UTF_8))),
        text(request.body()).repeat(1_000).getBytes(UTF_8));
  }

  private WasmFunction deploy(String language, InstanceMode mode, Grants grants)
      throws DeployException, IOException, InterruptedException {
    return engine.deploy(
        new FunctionSpec(
            "contract",
            program(language),
            AbiSpec.AUTO,
            new Limits(Duration.ofSeconds(20), 64 << 20, 1 << 20, 1 << 20, 4096),
            mode,
            1,
            Map.of("greeting", "hello"),
            Map.of(),
            grants));
  }

  private static Program program(String language) throws IOException, InterruptedException {
    return switch (language) {
      case "javascript" -> Program.script(CONTRACT.resolve("javascript/contract.js"));
      case "go" -> Program.module(go());
      default -> Program.module(CONTRACT.resolve(language).resolve("contract.wasm"));
    };
  }

  /** Go's module has 2 MB, so it is not checked in: it is built here where there is a Go. */
  private static Path go() throws IOException, InterruptedException {
    Path module = directory.resolve("contract.wasm");
    if (!Files.exists(module)) {
      Process build =
          new ProcessBuilder(CONTRACT.resolve("go/build.sh").toString(), directory.toString())
              .redirectErrorStream(true)
              .start();
      String said = new String(build.getInputStream().readAllBytes(), UTF_8);
      int code = build.waitFor();
      assumeTrue(code != 127, "not run: there is no go on PATH or in /usr/lib/go-1.23");
      assertEquals(0, code, said);
    }
    return module;
  }

  private static DetachedEvent event(String type, @Nullable String data) {
    return DetachedEvent.of(
        "id-1", "test:source", type, TIME, data == null ? null : data.getBytes(UTF_8));
  }

  private static Invocation.Result invoke(WasmFunction function, DetachedEvent event) {
    return function.invoke(new Invocation(event, "a-trigger", 1));
  }

  private static Outcome.Failed failed(WasmFunction function, DetachedEvent event) {
    Invocation.Result result = invoke(function, event);
    return assertInstanceOf(Outcome.Failed.class, result.outcome(), result::toString);
  }

  private static Outcome.Succeeded succeeded(Invocation.Result result) {
    return assertInstanceOf(Outcome.Succeeded.class, result.outcome(), result::toString);
  }

  private static String reply(Invocation.Result result) {
    return text(succeeded(result).reply());
  }

  private static String text(byte @Nullable [] bytes) {
    assertNotNull(bytes);
    return new String(bytes, UTF_8);
  }
}
