package dev.millrace.worker.dev;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.dispatch.Outcome;
import dev.millrace.worker.manifest.Manifest;
import dev.millrace.worker.manifest.ManifestReader;
import dev.millrace.worker.manifest.ManifestResult;
import dev.millrace.worker.manifest.ModuleCheck;
import dev.millrace.worker.wasm.Engine;
import dev.millrace.worker.wasm.EngineOptions;
import dev.millrace.worker.wasm.WasmFunction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A function becomes what its source is; what is not fit to run leaves it as it was. */
class FunctionWatcherTest {

  private static final Path GUESTS = Path.of("src/test/resources/wasm").toAbsolutePath();
  private static final Duration EVERY = Duration.ofMillis(50);

  @TempDir private Path directory;

  private final List<String> said = new CopyOnWriteArrayList<>();
  private final Engine engine = Engine.open(EngineOptions.defaults());
  private WasmFunction function;
  private Manifest manifest;
  private FunctionWatcher watcher;

  @BeforeEach
  void copyModule() throws Exception {
    replaceModule("marked.wasm");
    Files.createDirectories(directory.resolve("src/deep"));
    Files.writeString(directory.resolve("src/deep/it.txt"), "marked.wasm");
  }

  @AfterEach
  void close() {
    watcher.close();
    engine.close();
  }

  @Test
  void deploysAModuleThatWasReplaced() throws Exception {
    watch("");

    replaceModule("echo.wasm");

    awaitSaid("function 'f' is now version " + "********");
    assertEquals("hello", reply());
  }

  @Test
  void missesNoChangeBetweenDeploymentAndTheFirstLook() throws Exception {
    deploy("", "wasm: f.wasm");
    replaceModule("echo.wasm");

    startToWatch();

    awaitSaid("function 'f' is now version " + "********");
    assertEquals("hello", reply());
  }

  @Test
  void deploysAgainWhenAGrantedFileChanges() throws Exception {
    Path data = Files.createDirectory(directory.resolve("data"));
    Files.writeString(data.resolve("a"), "1");
    watch("allow: { files: { /data: data } }");

    Files.writeString(data.resolve("a"), "22");

    awaitSaid("function 'f' is now version ********");
    Files.writeString(data.resolve("b"), "new");
    await().until(() -> said.size() == 2);
  }

  @Test
  void buildsAgainWhenASourceChanges() throws Exception {
    watch(
        "build: { command: \"echo copying; cp %s/$(cat src/deep/it.txt) f.wasm\", watch: ['src/**'] }");

    Files.writeString(directory.resolve("src/deep/it.txt"), "echo.wasm");

    awaitSaid("function 'f' is now version ********");
    assertEquals(
        List.of(
            "function 'f': sources changed, building",
            "f | copying",
            "function 'f' is now version ********"),
        saidWithoutVersions());
    assertEquals("hello", reply());
  }

  @Test
  void aBuildThatFailsLeavesTheOldVersion() throws Exception {
    watch("build: { command: 'sh -c wat2wasm-is-not-here', workdir: src, watch: ['**/*.txt'] }");

    Files.writeString(directory.resolve("src/deep/it.txt"), "changed");

    awaitSaid("function 'f': the build ended with exit code 127; version ******** stays live");
    assertEquals("v00|hello|v00", reply());
  }

  @Test
  void aModuleThatCannotRunLeavesTheOldVersion() throws Exception {
    watch("");

    replaceModule("simd.wasm");

    await()
        .until(
            () ->
                said.stream()
                    .anyMatch(line -> line.contains("SIMD") && line.endsWith(" stays live")));
    assertEquals("v00|hello|v00", reply());
  }

  @Test
  void deploysAScriptAgainWhenWhatItImportsChanges() throws Exception {
    Files.writeString(
        directory.resolve("f.js"),
        "import { a } from './part.js';\nexport const handle = () => a;\n");
    Files.writeString(directory.resolve("part.js"), "export const a = 'one';\n");
    watch("", "script: f.js");

    Files.writeString(directory.resolve("part.js"), "export const a = ;\n");
    await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () ->
                said.stream()
                    .anyMatch(line -> line.contains("part.js:1") && line.endsWith(" stays live")));
    assertEquals("one", reply());
    Files.writeString(directory.resolve("part.js"), "export const a = 'two';\n");

    awaitSaid("function 'f' is now version ********");
    assertEquals("two", reply());
  }

  @Test
  void aModuleThatFailsItsTestsLeavesTheOldVersion() throws Exception {
    Files.createDirectory(directory.resolve("tests"));
    Files.writeString(
        directory.resolve("tests/f.yaml"),
        "tests: [{ function: f, event: { data: a }, expect: { reply_contains: v00 } }]\n");
    watch("");

    replaceModule("echo.wasm");

    awaitSaid("function 'f': 1 of its tests failed; version ******** stays live");
    await().until(() -> said.size() == 2);
    assertEquals(
        "FAIL f 1 of f.yaml: expected the reply to contain \"v00\", got a", said.getLast());
    assertEquals("v00|hello|v00", reply());
    replaceModule("marked.wasm");
    awaitSaid("function 'f' is again what is live: version ********");
  }

  @Test
  void saysThatTheManifestItselfHasChanged() throws Exception {
    watch("");

    Files.writeString(
        directory.resolve("millrace.yaml"),
        Files.readString(directory.resolve("millrace.yaml")) + "# changed\n");

    awaitSaid("millrace.yaml or its tests have changed; restart to take that over");
  }

  @Test
  void aCandidateThatDoesNotGoLiveLeavesNoTrace() throws Exception {
    watch("");
    String before = function.version();

    function.prepare(function.spec()).close();

    assertEquals(before, function.version());
    assertEquals("v00|hello|v00", reply());
  }

  private void watch(String build) throws Exception {
    watch(build, "wasm: f.wasm");
  }

  private void watch(String build, String program) throws Exception {
    deploy(build, program);
    startToWatch();
  }

  private void startToWatch() {
    watcher =
        new FunctionWatcher(
            manifest, Map.of("f", function), EngineOptions.defaults(), EVERY, said::add);
    watcher.start();
  }

  private void deploy(String build, String program) throws Exception {
    Files.writeString(
        directory.resolve("millrace.yaml"),
        """
        millrace: 1
        functions:
          f:
            %s
            %s
        triggers: { t: { cron: { schedule: "@daily" }, function: f } }
        """
            .formatted(program, build.replace("%s", GUESTS.toString())));
    ManifestResult result =
        ManifestReader.of(Map.of())
            .withModuleCheck(ModuleCheck.NONE)
            .withTestFiles()
            .read(directory);
    manifest = assertInstanceOf(ManifestResult.Loaded.class, result, result::toString).manifest();
    function = engine.deploy(manifest.functions().get("f"));
  }

  private void replaceModule(String name) throws Exception {
    Files.copy(
        GUESTS.resolve(name), directory.resolve("f.wasm"), StandardCopyOption.REPLACE_EXISTING);
  }

  private void awaitSaid(String sentence) {
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> assertNotEquals(-1, saidWithoutVersions().indexOf(sentence), said::toString));
  }

  private List<String> saidWithoutVersions() {
    return said.stream()
        .map(line -> line.replaceAll("version [0-9a-f]{8}", "version ********"))
        .toList();
  }

  private String reply() {
    DetachedEvent event =
        DetachedEvent.of("1", "s", "t", Instant.EPOCH, "hello".getBytes(StandardCharsets.UTF_8));
    Outcome outcome = function.invoke(new Invocation(event, "test", 1)).outcome();
    return new String(
        assertInstanceOf(Outcome.Succeeded.class, outcome).reply(), StandardCharsets.UTF_8);
  }
}
