package dev.millrace.samples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.triggers.FailureKind;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.dispatch.Outcome;
import dev.millrace.worker.manifest.Manifest;
import dev.millrace.worker.manifest.ManifestReader;
import dev.millrace.worker.manifest.ManifestResult;
import dev.millrace.worker.manifest.ModuleCheck;
import dev.millrace.worker.testing.ManifestTests;
import dev.millrace.worker.testing.TestResult;
import dev.millrace.worker.wasm.Engine;
import dev.millrace.worker.wasm.EngineOptions;
import dev.millrace.worker.wasm.WasmFunction;
import dev.millrace.worker.wasm.host.KeyValues;
import dev.millrace.worker.wasm.host.Outside;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import dev.millrace.worker.wasm.spec.FunctionSpec.InstanceMode;
import dev.millrace.worker.wasm.spec.Grants;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The function in {@code orders/} is the same in every language. */
class OrdersTest {

  private static final Path ORDERS = Path.of("").toAbsolutePath().resolve("orders");
  private static final String ORDER = "{\"id\":\"o-1\",\"amount\":5,\"currency\":\"EUR\"}";

  /** Compiled modules and what was built here, for all tests. */
  @TempDir private static Path shared;

  /** The sample of one language, with its module. */
  @TempDir private Path directory;

  static Stream<Arguments> languages() {
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

  @ParameterizedTest
  @MethodSource("languages")
  void passesTheTestsOfItsManifest(String language, InstanceMode mode) throws Exception {
    Manifest manifest = manifest(language, mode);

    List<TestResult> results = new ManifestTests(manifest, options()).run();

    assertFalse(results.isEmpty());
    results.forEach(
        result -> assertEquals(List.of(), result.differences(), () -> result.test().name()));
  }

  @ParameterizedTest
  @MethodSource("languages")
  void holdsALargeOrderBackForASecond(String language, InstanceMode mode) throws Exception {
    try (Engine engine = Engine.open(options());
        WasmFunction orders = engine.deploy(function(language, mode))) {
      Outcome.Failed failed = failed(orders, ORDER.replace("5", "100001"));

      assertEquals(FailureKind.RETRY_REQUESTED, failed.kind(), failed::error);
      assertEquals(Optional.of(Duration.ofSeconds(1)), failed.retryAfter());
    }
  }

  @ParameterizedTest
  @MethodSource("languages")
  void leavesAnOrderThatAnotherEventHasForLater(String language, InstanceMode mode)
      throws Exception {
    try (Engine engine = Engine.open(options());
        WasmFunction orders = engine.deploy(function(language, mode))) {
      assertInstanceOf(Outcome.Succeeded.class, invoke(orders, "id-1", ORDER));

      Outcome.Failed failed = assertInstanceOf(Outcome.Failed.class, invoke(orders, "id-2", ORDER));

      assertEquals(FailureKind.RETRY_REQUESTED, failed.kind(), failed::error);
      assertTrue(failed.error().contains("order o-1: another event has it"), failed::error);
    }
  }

  @ParameterizedTest
  @MethodSource("languages")
  void rejectsWhatIsNoOrder(String language, InstanceMode mode) throws Exception {
    Stream<String> cutOff =
        Stream.iterate(0, i -> i < ORDER.length(), i -> i + 1).map(i -> ORDER.substring(0, i));
    Stream<String> malformed =
        Stream.of(
            "null",
            "[]",
            "17",
            "\"o-1\"",
            ORDER + ORDER,
            ORDER + ",",
            ORDER.replace("}", ",}"),
            ORDER.replace("5", "05"),
            ORDER.replace("5", "+5"),
            ORDER.replace("5", "5.5"),
            ORDER.replace("5", "-"),
            ORDER.replace("5", "\"5\""),
            ORDER.replace("5", "null"),
            ORDER.replace("5", "9223372036854775808"),
            ORDER.replace("5", "5,\"x\":nul"),
            ORDER.replace("5", "5,\"x\":[1,]"),
            ORDER.replace("5", "5,\"x\":[1 2]"),
            ORDER.replace("5", "5,\"x\":{\"y\"}"),
            ORDER.replace("5", "5,\"x\":\"\\x\""),
            ORDER.replace("5", "5,\"x\":\"\\u12g4\""),
            ORDER.replace("5", "5,\"x\":\"\n\""),
            ORDER.replace("5", "5,\"x\":\"\0\""),
            ORDER.replace("5", "5,\0\"x\":1"),
            ORDER.replace("5", "5,\"x\":1e"),
            ORDER.replace("\"o-1\"", "\"\""),
            ORDER.replace("\"o-1\"", "17"),
            ORDER.replace("o-1", "o_1"),
            ORDER.replace("o-1", "o-1\\n"),
            ORDER.replace("o-1", "ö"),
            ORDER.replace("o-1", "o".repeat(65)),
            ORDER.replace("EUR", "EU"),
            ORDER.replace("EUR", "EURO"),
            ORDER.replace("EUR", "eur"),
            ORDER.replace("\"EUR\"", "978"));
    try (Engine engine = Engine.open(options());
        WasmFunction orders = engine.deploy(function(language, mode))) {
      for (String data : Stream.concat(cutOff, malformed).toList()) {
        Outcome.Failed failed = failed(orders, data);

        assertEquals(FailureKind.REJECTED, failed.kind(), () -> data + ": " + failed.error());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("languages")
  void acceptsAnOrderHoweverItIsWritten(String language, InstanceMode mode) throws Exception {
    List<String> written =
        List.of(
            " {\n\t\"currency\" : \"EUR\" ,\r\n \"amount\" : 5 , \"id\" : \"o-1\" } ",
            ORDER.replace("5", "5,\"x\":[]"),
            ORDER.replace("5", "5,\"x\":{},\"y\":[ [ ] , { } ]"),
            ORDER.replace("5", "5,\"x\":[true,false,null,-0.5E+10,1e-3,0]"),
            ORDER.replace("5", "5,\"x\":{\"id\":\"o-2\",\"amount\":[7]}"),
            ORDER.replace("5", "5,\"x\":\"grüße \\\" \\\\ \\/ \\b \\u00fC \\\\\""),
            ORDER.replace("5", "5,\"x\":" + "[".repeat(50) + "]".repeat(50)),
            ORDER.replace("5", "5,\"x\":\"" + "x".repeat(100_000) + "\""));
    try (Engine engine = Engine.open(options());
        WasmFunction orders = engine.deploy(function(language, mode))) {
      for (String data : written) {
        Outcome outcome = invoke(orders, "id-1", data);

        Outcome.Succeeded accepted =
            assertInstanceOf(Outcome.Succeeded.class, outcome, () -> data + ": " + outcome);
        assertEquals(
            ORDER, new String(Objects.requireNonNull(accepted.publishes().get(0).data()), UTF_8));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("languages")
  void countsNothingThatItMayNotPublish(String language, InstanceMode mode) throws Exception {
    KeyValues store = KeyValues.inMemory(InstantSource.system());
    Grants grants = new Grants(Set.of(), true).withKeyValues(Set.of("default"));
    try (Engine engine = Engine.open(options(store));
        WasmFunction orders = engine.deploy(granted(function(language, mode), grants))) {
      Outcome.Failed failed = failed(orders, ORDER);

      assertEquals(FailureKind.REJECTED, failed.kind(), failed::error);
      assertNull(store.get("total:EUR"));
    }
  }

  private static FunctionSpec granted(FunctionSpec spec, Grants grants) {
    return new FunctionSpec(
        spec.name(),
        spec.program(),
        spec.abi(),
        spec.limits(),
        spec.instance(),
        spec.concurrency(),
        spec.config(),
        spec.secrets(),
        grants);
  }

  private static EngineOptions options() {
    return options(KeyValues.inMemory(InstantSource.system()));
  }

  private static EngineOptions options(KeyValues store) {
    Outside outside = Outside.inMemory().withKeyValues(Map.of("default", store));
    return EngineOptions.defaults()
        .withCacheDirectory(shared.resolve("cache"))
        .withOutside(outside);
  }

  private FunctionSpec function(String language, InstanceMode mode) throws Exception {
    return Objects.requireNonNull(manifest(language, mode).functions().get("orders"));
  }

  /** The manifest of a language, with the module beside it and the mode written into it. */
  private Manifest manifest(String language, InstanceMode mode) throws Exception {
    copy(ORDERS.resolve(language), directory);
    if (language.equals("go")) {
      Files.copy(go(), directory.resolve("orders.wasm"));
    }
    Path file = directory.resolve(ManifestReader.FILE_NAME);
    String limits = "    limits: ";
    String written = Files.readString(file);
    assertTrue(written.contains(limits));
    if (mode == InstanceMode.REUSE) {
      Files.writeString(file, written.replace(limits, "    instance: reuse\n" + limits));
    }
    ManifestReader reader =
        new ManifestReader(
            Map.of(), ModuleCheck.NONE, store -> Optional.empty(), InstantSource.system());
    ManifestResult result = reader.withTestFiles().read(directory);
    assertEquals(List.of(), result.problems());
    return assertInstanceOf(ManifestResult.Loaded.class, result).manifest();
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Path copy = to.resolve(file.getFileName().toString());
        if (Files.isDirectory(file)) {
          copy(file, copy);
        } else {
          Files.copy(file, copy);
        }
      }
    }
  }

  /** Go's module has 3.5 MB, so it is not checked in: it is built here where there is a Go. */
  private static Path go() throws IOException, InterruptedException {
    Path module = shared.resolve("orders.wasm");
    if (!Files.exists(module)) {
      Process build =
          new ProcessBuilder(ORDERS.resolve("go/build.sh").toString(), shared.toString())
              .redirectErrorStream(true)
              .start();
      String said = new String(build.getInputStream().readAllBytes(), UTF_8);
      int code = build.waitFor();
      assumeTrue(code != 127, "not run: there is no go on PATH or in /usr/lib/go-1.23");
      assertEquals(0, code, said);
    }
    return module;
  }

  private static Outcome.Failed failed(WasmFunction function, String data) {
    Outcome outcome = invoke(function, "id-1", data);
    return assertInstanceOf(Outcome.Failed.class, outcome, () -> data + ": " + outcome);
  }

  private static Outcome invoke(WasmFunction function, String id, String data) {
    DetachedEvent event = DetachedEvent.of(id, "test:orders", "order", Instant.EPOCH, data);
    return function.invoke(new Invocation(event, "a-trigger", 1)).outcome();
  }
}
