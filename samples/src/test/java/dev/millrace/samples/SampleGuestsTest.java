package dev.millrace.samples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import dev.millrace.worker.wasm.spec.AbiSpec;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import dev.millrace.worker.wasm.spec.FunctionSpec.InstanceMode;
import dev.millrace.worker.wasm.spec.Grants;
import dev.millrace.worker.wasm.spec.Limits;
import dev.millrace.worker.wasm.spec.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The checked-in modules do what their manifests say, in fresh and in reused sandboxes. */
class SampleGuestsTest {

  private static final Path SAMPLES = Path.of("").toAbsolutePath();
  private static final Instant TIME = Instant.parse("2026-03-29T01:00:00Z");

  @TempDir private static Path cache;
  private static Engine engine;

  @BeforeAll
  static void open() {
    engine = Engine.open(EngineOptions.defaults().withCacheDirectory(cache));
  }

  @AfterAll
  static void close() {
    engine.close();
  }

  @ParameterizedTest
  @EnumSource
  void chargeAnswersWithAReceipt(InstanceMode mode) throws DeployException {
    try (WasmFunction charge = charge(mode)) {
      for (int i = 1; i <= 3; i++) {
        String order = "{\"id\":\"o-" + i + "\",\"amount\":2599,\"currency\":\"EUR\"}";

        Invocation.Result result = invoke(charge, event(order), 1);

        assertEquals(
            "{\"id\":\"o-"
                + i
                + "\",\"status\":\"charged\",\"amount\":2599,\"fee\":36,\"currency\":\"EUR\","
                + "\"items\":[],\"attempt\":1}",
            reply(result));
        assertEquals("INFO charged 2599 EUR for order o-" + i + "\n", result.log());
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void chargeRejectsWhatCannotBeCharged(InstanceMode mode) throws DeployException {
    try (WasmFunction charge = charge(mode)) {
      DetachedEvent negative = event("{\"id\":\"o-1\",\"amount\":-5,\"currency\":\"EUR\"}");
      assertFailed(FailureKind.REJECTED, "amount -5 is not positive", invoke(charge, negative, 1));
      assertFailed(
          FailureKind.REJECTED,
          "missing field `amount`",
          invoke(charge, event("{\"id\":\"\"}"), 1));
      assertFailed(FailureKind.REJECTED, "not an order", invoke(charge, event("no json"), 1));
    }
  }

  @ParameterizedTest
  @EnumSource
  void chargeAsksForARetryWhileTheCardIsBusy(InstanceMode mode) throws DeployException {
    DetachedEvent busy =
        event("{\"id\":\"o-1\",\"amount\":100,\"currency\":\"EUR\",\"card\":\"busy\"}");
    try (WasmFunction charge = charge(mode)) {
      Outcome.Failed first =
          assertFailed(
              FailureKind.RETRY_REQUESTED, "order o-1: the card is busy", invoke(charge, busy, 1));

      assertEquals(Optional.of(Duration.ofMillis(300)), first.retryAfter());
      assertTrue(reply(invoke(charge, busy, 2)).contains("\"attempt\":2"));
    }
  }

  @Test
  void invalidateNamesTheStaleEntries() throws DeployException {
    try (WasmFunction invalidate = invalidate()) {
      for (int i = 0; i < 3; i++) {
        Invocation.Result result = invoke(invalidate, message("cache.users", "42, 43\n"), 1);

        assertEquals("DEL users:42\nDEL users:43\n", reply(result));
        assertEquals("2 stale in users\n", result.log());
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "cache.users,'',a message without ids",
    "cache.users,a*b,not an id: 'a*b'",
    "other,42,not a channel of the cache: 'other'"
  })
  void invalidateRejectsWhatNamesNoEntry(String channel, String data, String reason)
      throws DeployException {
    try (WasmFunction invalidate = invalidate()) {
      assertFailed(FailureKind.REJECTED, reason, invoke(invalidate, message(channel, data), 1));
    }
  }

  @Test
  void invalidateRejectsMoreThanItsBufferHolds() throws DeployException {
    try (WasmFunction invalidate = invalidate()) {
      String fits = "x".repeat(4095);

      assertEquals(
          "DEL users:" + fits + "\n", reply(invoke(invalidate, message("cache.users", fits), 1)));
      assertFailed(
          FailureKind.REJECTED,
          "message too long",
          invoke(invalidate, message("cache.users", fits + "x"), 1));
    }
  }

  @ParameterizedTest
  @EnumSource
  void settleSettlesTheWindowBeforeTheFire(InstanceMode mode) throws DeployException {
    String window = "2026-03-29T00:50:00.000Z to 2026-03-29T01:00:00.000Z";
    try (WasmFunction settle = settle(mode, Map.of("account", "acme", "window_minutes", "10"))) {
      for (int i = 0; i < 3; i++) {
        Invocation.Result result = invoke(settle, event("nightly"), 1);

        assertEquals("nightly acme " + window, reply(result));
        assertEquals("INFO nightly: settled account acme from " + window + "\n", result.log());
      }
    }
  }

  @Test
  void settleRejectsWhatIsNotConfigured() throws DeployException {
    try (WasmFunction settle = settle(InstanceMode.FRESH, Map.of())) {
      assertFailed(FailureKind.REJECTED, "no job", invoke(settle, event(null), 1));
      assertFailed(FailureKind.REJECTED, "no account", invoke(settle, event("nightly"), 1));
    }
  }

  @Test
  void whatAnAssemblyScriptGuestThrowsReachesItsLog() throws DeployException {
    try (WasmFunction settle = settle(InstanceMode.FRESH, Map.of("account", "acme"))) {
      DetachedEvent longAgo = DetachedEvent.of("id", "cron:x", "t", Instant.MAX, "job");

      Invocation.Result result = invoke(settle, longAgo, 1);

      assertFailed(FailureKind.TRAP, "", result);
      assertTrue(result.log().startsWith("ERROR Invalid Date at "), result.log());
    }
  }

  @ParameterizedTest
  @EnumSource
  void splitPublishesEachLine(InstanceMode mode) throws DeployException {
    try (WasmFunction split = deploy("split/split.wasm", mode, Map.of(), Set.of("events/lines"))) {
      DetachedEvent batch = event("first\nsecond\n\nthird").withKey("eu".getBytes(UTF_8));

      List<Message> published = succeeded(invoke(split, batch, 1)).publishes();

      assertEquals(
          List.of("first", "second", "third"),
          published.stream().map(message -> text(message.data())).toList());
      assertEquals("eu", text(published.get(2).key()));
      assertEquals(
          List.of("batch=id", "line=3"),
          published.get(2).headers().stream().map(SampleGuestsTest::text).toList());
      assertFailed(FailureKind.REJECTED, "no lines", invoke(split, event(null), 1));
    }
  }

  @Test
  void splitIsRejectedWithoutItsGrant() throws DeployException {
    try (WasmFunction split = deploy("split/split.wasm", InstanceMode.FRESH, Map.of(), Set.of())) {
      assertFailed(FailureKind.REJECTED, "allow.publish", invoke(split, event("line"), 1));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "rust,FRESH",
    "rust,REUSE",
    "c,FRESH",
    "c,REUSE",
    "assemblyscript,FRESH",
    "assemblyscript,REUSE",
    "javascript,FRESH",
    "javascript,REUSE",
    "wat,FRESH",
    "wat,REUSE"
  })
  void everySdkHandsOverTheWholeEvent(String language, InstanceMode mode) throws DeployException {
    String large = "grüße ".repeat(20_000);
    DetachedEvent event =
        event(large)
            .withKey("k".getBytes(UTF_8))
            .withHeaders(
                List.of(
                    new Header("tenant", "eu".getBytes(UTF_8)),
                    new Header("tenant", "us".getBytes(UTF_8)),
                    new Header("none", null),
                    new Header("large", "h".repeat(5_000).getBytes(UTF_8))));
    try (WasmFunction echo = echo(language, mode)) {
      for (int i = 1; i <= 3; i++) {
        Invocation.Result result = invoke(echo, event, i);

        Outcome.Succeeded succeeded = succeeded(result);
        assertEquals(
            "id=id\nattempt="
                + i
                + "\ntime=2026-03-29T01:00:00Z\nkey=k\nheader tenant=eu\nheader tenant=us\n"
                + "header none=-\nheader large="
                + "h".repeat(5_000)
                + "\ngreeting=hello\ndata="
                + large
                + "\n",
            text(succeeded.reply()));
        assertEquals(
            "DEBUG debug line\nINFO info line\nWARN warn line\nERROR error line\n", result.log());
        assertEquals(1, succeeded.publishes().size());
        Message published = succeeded.publishes().get(0);
        assertEquals("events/echo", published.to());
        assertEquals(large, text(published.data()));
        assertEquals("k", text(published.key()));
        assertEquals(
            event.headers().stream().map(SampleGuestsTest::text).toList(),
            published.headers().stream().map(SampleGuestsTest::text).toList());
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"rust", "c", "assemblyscript", "javascript", "wat"})
  void everySdkTellsAbsentFromEmpty(String language) throws DeployException {
    try (WasmFunction echo = echo(language, InstanceMode.REUSE)) {
      Outcome.Succeeded absent = succeeded(invoke(echo, event(null), 1));
      assertTrue(text(absent.reply()).endsWith("key=-\ngreeting=hello\ndata=-\n"));
      assertNull(absent.publishes().get(0).data());
      assertNull(absent.publishes().get(0).key());

      DetachedEvent blank = event("").withKey(new byte[0]);
      Outcome.Succeeded empty = succeeded(invoke(echo, blank, 1));
      assertTrue(text(empty.reply()).endsWith("key=\ngreeting=hello\ndata=\n"));
      assertArrayEquals(new byte[0], empty.publishes().get(0).data());
      assertArrayEquals(new byte[0], empty.publishes().get(0).key());
    }
  }

  @ParameterizedTest
  @CsvSource({"rust", "c", "assemblyscript", "javascript", "wat"})
  void everySdkReportsARefusedPublish(String language) throws DeployException {
    try (WasmFunction echo = deploy(echo(language), InstanceMode.FRESH, Map.of(), Set.of())) {
      assertFailed(FailureKind.REJECTED, "not granted by ", invoke(echo, event("x"), 1));
    }
  }

  @Test
  void theModulesAreThoseOfTheirDigests() throws IOException, NoSuchAlgorithmException {
    List<String> lines =
        Files.readAllLines(SAMPLES.resolve("SHA256SUMS")).stream()
            .filter(line -> !line.startsWith("#"))
            .toList();
    try (Stream<Path> files = Files.walk(SAMPLES)) {
      long modules =
          files
              .filter(file -> file.toString().endsWith(".wasm"))
              .filter(file -> !SAMPLES.relativize(file).startsWith("target"))
              .filter(file -> !file.endsWith("orders/go/orders.wasm")) // not checked in
              .count();
      assertEquals(modules, lines.size(), "modules that are listed");
    }
    for (String line : lines) {
      String module = line.substring(line.indexOf("  ") + 2);
      byte[] bytes = Files.readAllBytes(SAMPLES.resolve(module));
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
      assertEquals(HexFormat.of().formatHex(digest) + "  " + module, line);
    }
  }

  private static WasmFunction charge(InstanceMode mode) throws DeployException {
    return deploy(
        "quickstart/functions/orders/orders.wasm", mode, Map.of("fee_per_mille", "14"), Set.of());
  }

  /** A program always gets a fresh sandbox. */
  private static WasmFunction invalidate() throws DeployException {
    return deploy(
        "quickstart/functions/invalidate/invalidate.wasm", InstanceMode.FRESH, Map.of(), Set.of());
  }

  private static WasmFunction settle(InstanceMode mode, Map<String, String> config)
      throws DeployException {
    return deploy("quickstart/functions/settle/settle.wasm", mode, config, Set.of());
  }

  private static WasmFunction echo(String language, InstanceMode mode) throws DeployException {
    return deploy(echo(language), mode, Map.of("greeting", "hello"), Set.of("events/*"));
  }

  private static Program echo(String language) {
    Path directory = SAMPLES.resolve("echo").resolve(language);
    return language.equals("javascript")
        ? Program.script(directory.resolve("echo.js"))
        : Program.module(directory.resolve("echo.wasm"));
  }

  private static WasmFunction deploy(
      String module, InstanceMode mode, Map<String, String> config, Set<String> publishTo)
      throws DeployException {
    return deploy(Program.module(SAMPLES.resolve(module)), mode, config, publishTo);
  }

  private static WasmFunction deploy(
      Program program, InstanceMode mode, Map<String, String> config, Set<String> publishTo)
      throws DeployException {
    return engine.deploy(
        new FunctionSpec(
            "sample",
            program,
            AbiSpec.AUTO,
            Limits.DEFAULT,
            mode,
            2,
            config,
            Map.of(),
            Grants.publishTo(publishTo)));
  }

  private static DetachedEvent event(@Nullable String data) {
    return DetachedEvent.of("id", "test", "t", TIME, data == null ? null : data.getBytes(UTF_8));
  }

  private static DetachedEvent message(String channel, String data) {
    return event(data).withExtensions(Map.of("redischannel", channel));
  }

  private static Invocation.Result invoke(WasmFunction function, DetachedEvent event, int attempt) {
    return function.invoke(new Invocation(event, "test", attempt));
  }

  private static Outcome.Succeeded succeeded(Invocation.Result result) {
    return assertInstanceOf(Outcome.Succeeded.class, result.outcome(), result::toString);
  }

  private static String reply(Invocation.Result result) {
    return text(succeeded(result).reply());
  }

  private static Outcome.Failed assertFailed(
      FailureKind kind, String reason, Invocation.Result result) {
    Outcome.Failed failed =
        assertInstanceOf(Outcome.Failed.class, result.outcome(), result::toString);
    assertEquals(kind, failed.kind(), failed::error);
    assertTrue(failed.error().contains(reason), failed::error);
    return failed;
  }

  private static String text(byte @Nullable [] bytes) {
    assertNotNull(bytes);
    return new String(bytes, UTF_8);
  }

  private static String text(Header header) {
    return header.name() + (header.value() == null ? "" : "=" + text(header.value()));
  }
}
