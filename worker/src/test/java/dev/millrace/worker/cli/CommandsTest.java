package dev.millrace.worker.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
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
