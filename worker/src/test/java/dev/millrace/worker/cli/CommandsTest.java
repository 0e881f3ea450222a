package dev.millrace.worker.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The commands that need no broker: what they print, where, and how they end. */
class CommandsTest {

  private static final JsonMapper JSON = JsonMapper.shared();

  @TempDir private Path directory;

  @BeforeEach
  void writeManifest() throws IOException {
    module("echo.wasm");
    manifest("hello");
  }

  private void module(String name) throws IOException {
    Files.copy(
        Path.of("src", "test", "resources", "wasm", name),
        directory.resolve("echo.wasm"),
        StandardCopyOption.REPLACE_EXISTING);
  }

  @Test
  void lintsAGoodManifest() {
    Shell shell = Shell.run("lint", directory.toString(), "-o", "json");

    assertEquals(ExitCodes.DONE, shell.exitCode(), shell.err());
    assertTrue(JSON.readTree(shell.out()).get("problems").isArray());
  }

  @Test
  void lintsABadManifestWithExitCodeThree() throws IOException {
    Files.writeString(directory.resolve("millrace.yaml"), "millrace: 1\nfunktions: {}\n");

    Shell shell = Shell.run("lint", directory.toString());

    assertEquals(ExitCodes.MANIFEST_INVALID, shell.exitCode());
    assertTrue(shell.out().contains("did you mean 'functions'?"), shell.out());
  }

  @Test
  void lintWarnsOfAnImportWithoutItsGrant() throws IOException {
    module("publish-bomb.wasm");

    Shell shell = Shell.run("lint", directory.toString());

    assertEquals(ExitCodes.DONE, shell.exitCode());
    assertTrue(
        shell
            .out()
            .contains(
                "ungranted-import warning: function 'echo': the module imports millrace.publish,"
                    + " but the manifest grants no destination"),
        shell.out());
  }

  @Test
  void inspectTellsWhatAModuleIsAndThatItRuns() {
    Shell shell = Shell.run("inspect", guest("redpanda"));

    assertEquals(ExitCodes.DONE, shell.exitCode(), shell.err());
    for (String line :
        List.of(
            "kind     core module",
            "abi      redpanda, because the module imports from 'redpanda_transform', as Redpanda's"
                + " data transforms do",
            "calls    _start",
            "import   function redpanda_transform.write_record (i32, i32) -> (i32)",
            "export   memory memory",
            "runs     yes")) {
      assertTrue(shell.out().lines().anyMatch(line::equals), () -> line + " in " + shell.out());
    }
  }

  @Test
  void inspectWritesAllOfItAsJson() throws IOException {
    Shell shell = Shell.run("inspect", guest("echo"), "-o", "json");

    JsonNode json = JSON.readTree(shell.out());
    assertEquals("core_module", json.get("kind").asString());
    assertEquals("millrace", json.get("abi").asString());
    assertEquals("handle", json.get("calls").asString());
    assertTrue(json.get("runs").asBoolean());
    assertEquals(Files.size(Path.of(guest("echo"))), json.get("bytes").asLong());
    assertEquals(64, json.get("sha256").asString().length());
    assertTrue(json.get("imports").get(0).get("provided").asBoolean());
    assertTrue(json.get("memories").get(0).get("min_bytes").asLong() > 0);
  }

  @Test
  void inspectSaysWhyAModuleWillNotRun() {
    Shell simd = Shell.run("inspect", guest("simd"));

    assertEquals(ExitCodes.CHECK_FAILED, simd.exitCode());
    assertTrue(simd.out().contains("features simd"), simd.out());
    assertTrue(simd.out().contains("runs     no\n         - the module uses SIMD"), simd.out());

    Shell threads = Shell.run("inspect", guest("threads"));
    assertEquals(ExitCodes.CHECK_FAILED, threads.exitCode());
    assertTrue(threads.out().contains("features threads"), threads.out());
    assertTrue(threads.out().contains("- the module imports memory env.memory"), threads.out());

    Shell user = Shell.run("inspect", guest("extism-user"));
    assertEquals(ExitCodes.CHECK_FAILED, user.exitCode());
    assertTrue(user.out().contains("extism:host/user.lookup"), user.out());
  }

  @Test
  void inspectTellsWhichGrantsAModuleNeeds() throws IOException {
    Shell alone = Shell.run("inspect", guest("publish-bomb"));
    assertTrue(alone.out().contains("needs    allow.publish, for millrace.publish\n"), alone.out());

    Files.writeString(
        directory.resolve("millrace.yaml"),
        """
        millrace: 1
        connections: { events: { kafka: { bootstrap: localhost:9092 } } }
        functions: { echo: { wasm: echo.wasm, allow: { publish: [events/out] } } }
        """);
    Shell granted =
        Shell.run(
            "inspect", guest("publish-bomb"), "-f", directory.toString(), "--function", "echo");
    assertEquals(ExitCodes.DONE, granted.exitCode(), granted.err());
    assertTrue(!granted.out().contains("warning"), granted.out());

    assertEquals(
        ExitCodes.NOT_FOUND,
        Shell.run("inspect", "-f", directory.toString(), "--function", "ecco").exitCode());
  }

  @Test
  void inspectListsWhatAComponentWants() throws IOException {
    Path component = directory.resolve("component.wasm");
    byte[] bytes =
        HexFormat.of()
            .parseHex(
                "0061736d0d000100" // a component
                    + "0a0b01" // one import of 8 letters, a function
                    + "0006"
                    + HexFormat.of().formatHex("a:b/cd".getBytes(StandardCharsets.UTF_8))
                    + "0100");
    Files.write(component, bytes);

    Shell shell = Shell.run("inspect", component.toString());

    assertEquals(ExitCodes.CHECK_FAILED, shell.exitCode());
    assertTrue(shell.out().contains("kind     component"), shell.out());
    assertTrue(shell.out().contains("import   function a:b/cd"), shell.out());
    assertTrue(shell.out().contains("is a WebAssembly component"), shell.out());
  }

  @Test
  void inspectRefusesWhatIsNoWebAssemblyAndWhatIsNotThere() throws IOException {
    Path text = Files.writeString(directory.resolve("text.wasm"), "hello, this is text");

    Shell shell = Shell.run("inspect", text.toString());
    assertEquals(ExitCodes.CHECK_FAILED, shell.exitCode());
    assertTrue(shell.out().contains("kind     not WebAssembly"), shell.out());

    assertEquals(
        ExitCodes.NOT_FOUND,
        Shell.run("inspect", directory.resolve("missing.wasm").toString()).exitCode());
    assertEquals(2, Shell.run("inspect").exitCode());
  }

  private static String guest(String name) {
    return Path.of("src", "test", "resources", "wasm", name + ".wasm").toString();
  }

  @Test
  void lintRefusesAModuleThatCannotRun() throws IOException {
    module("simd.wasm");

    Shell shell = Shell.run("lint", directory.toString());

    assertEquals(ExitCodes.MANIFEST_INVALID, shell.exitCode());
    assertTrue(shell.out().contains(" module function 'echo': "), shell.out());
  }

  @Test
  void runsTheTestsOfAManifest() {
    Shell shell = Shell.run("test", directory.toString());

    assertEquals(ExitCodes.DONE, shell.exitCode(), shell.out() + shell.err());
    assertTrue(shell.out().endsWith("1 passed, 0 failed\n"), shell.out());
  }

  @Test
  void saysWhatAFailedTestGot() throws IOException {
    manifest("goodbye");

    Shell shell = Shell.run("test", directory.toString(), "-o", "json");

    assertEquals(ExitCodes.CHECK_FAILED, shell.exitCode());
    JsonNode test = JSON.readTree(shell.out()).get("tests").get(0);
    assertEquals(
        "expected the reply to be \"goodbye\", got hello",
        test.get("differences").get(0).stringValue());
  }

  @Test
  void invokesAFunctionThatDoesNotExistWithExitCodeFive() {
    Shell shell = Shell.run("invoke", "ecko", "-f", directory.toString());

    assertEquals(ExitCodes.NOT_FOUND, shell.exitCode());
    assertTrue(shell.err().contains("there are echo"), shell.err());
  }

  @Test
  void invokesAFunction() {
    assertEquals(
        ExitCodes.DONE,
        Shell.run("invoke", "echo", "-f", directory.toString(), "-d", "x").exitCode());
  }

  @Test
  void printsTheSchema() {
    Shell shell = Shell.run("schema");

    assertEquals(ExitCodes.DONE, shell.exitCode());
    assertTrue(JSON.readTree(shell.out()).has("$schema"));
  }

  @Test
  void refusesUnknownOptionsWithExitCodeTwo() {
    assertEquals(ExitCodes.USAGE, Shell.run("up", "--fail-fats").exitCode());
  }

  @Test
  void upOnABadManifestEndsWithExitCodeThree() throws IOException {
    Files.writeString(directory.resolve("millrace.yaml"), "- 1\n");

    Shell shell = Shell.run("up", directory.toString());

    assertEquals(ExitCodes.MANIFEST_INVALID, shell.exitCode());
    assertTrue(shell.err().contains("millrace.yaml:1:1"), shell.err());
  }

  @Test
  void takesDefaultsFromTheEnvironment() {
    assertEquals("MILLRACE_DRAIN_LIMIT", EnvironmentDefaults.name("--drain-limit"));
    StringWriter out = new StringWriter();
    Main.commandLine()
        .setDefaultValueProvider(new EnvironmentDefaults(Map.of("MILLRACE_OUTPUT", "json")))
        .setOut(new PrintWriter(out, true))
        .execute("lint", directory.toString());
    assertTrue(JSON.readTree(out.toString()).has("problems"), out.toString());
  }

  private void manifest(String expected) throws IOException {
    Files.writeString(
        directory.resolve("millrace.yaml"),
        """
        millrace: 1
        store: { path: store.db, durable: false }
        functions:
          echo: { wasm: echo.wasm }
        triggers:
          hourly: { cron: { schedule: "@hourly" }, function: echo }
        tests:
          - { function: echo, event: { data: hello }, expect: { outcome: done, reply: %s } }
        """
            .formatted(expected));
  }
}
