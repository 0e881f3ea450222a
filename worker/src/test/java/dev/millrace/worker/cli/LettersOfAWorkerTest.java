package dev.millrace.worker.cli;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.triggers.DeadLetter;
import dev.millrace.triggers.FailureKind;
import dev.millrace.worker.StartException;
import dev.millrace.worker.Worker;
import dev.millrace.worker.WorkerOptions;
import dev.millrace.worker.dispatch.DispatchListener;
import dev.millrace.worker.store.SqliteStore;
import dev.millrace.worker.store.Store;
import dev.millrace.worker.store.StoreOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A worker without brokers that replays dead letters, and what the command line makes of them
 * beside it. The guest {@code fickle} rejects what is not {@code D}, and says in its error all that
 * its host told it.
 */
class LettersOfAWorkerTest {

  private static final JsonMapper JSON = JsonMapper.shared();
  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

  @TempDir private Path directory;
  private String manifest;

  @BeforeEach
  void writeManifest() throws IOException {
    manifest = directory.toString();
    module("fickle.wasm");
    Files.writeString(
        directory.resolve("millrace.yaml"),
        """
        millrace: 1
        app: { name: letters }
        store: { path: store.db, durable: false }
        admin: { listen: "127.0.0.1:0" }
        functions:
          f: { wasm: f.wasm, limits: { memory: 1Mi, timeout: 5s } }
        triggers:
          hourly:
            cron: { schedule: "@hourly" }
            function: f
            dead_letter: { quarantine_after: 1 }
        """);
    try (Store store = SqliteStore.open(directory.resolve("store.db"), StoreOptions.DEFAULT)) {
      for (String data : List.of("x", "D", "y")) {
        store.deadLetters().store(letter(data)).toCompletableFuture().join();
      }
    }
  }

  private void module(String name) throws IOException {
    Files.copy(
        Path.of("src", "test", "resources", "wasm", name),
        directory.resolve("f.wasm"),
        StandardCopyOption.REPLACE_EXISTING);
  }

  private static DeadLetter letter(String data) {
    return new DeadLetter(
        "hourly/" + data,
        DetachedEvent.of(data, "test", "test", NOW, data),
        "hourly",
        "f",
        "",
        FailureKind.TRAP,
        "earlier",
        NOW,
        NOW,
        List.of(),
        1);
  }

  private Worker start() throws StartException {
    return Worker.start(
        ManifestLoader.load(directory),
        new WorkerOptions(Optional.empty(), Duration.ofSeconds(5), DispatchListener.NONE));
  }

  private void replayInAWorker() throws StartException {
    try (Worker worker = start()) {
      replayAll();
      assertTrue(worker.conservation("hourly").holds());
    }
  }

  private Shell run(String... arguments) {
    Shell shell = Shell.run(arguments);
    assertEquals(ExitCodes.DONE, shell.exitCode(), shell.err());
    return shell;
  }

  private void replayAll() {
    run("dlq", "replay", "--all", "-f", manifest);
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () ->
                JSON.readTree(run("dlq", "replays", "-f", manifest, "-o", "json").out())
                    .get(0)
                    .get("state")
                    .stringValue()
                    .equals("done"));
  }

  @Test
  void replaysBesideTheCommandLineAndPutsWhatFailsAgainIntoQuarantine() throws StartException {
    try (Worker worker = start()) {
      replayAll();

      JsonNode left = JSON.readTree(run("dlq", "ls", "-f", manifest, "-o", "json").out());
      assertEquals(2, left.size());
      assertTrue(left.get(0).get("quarantined").asBoolean());
      assertEquals("REJECTED", left.get(0).get("failure").stringValue());
      JsonNode replay =
          JSON.readTree(run("dlq", "replays", "-f", manifest, "-o", "json").out()).get(0);
      assertEquals(1, replay.get("left").asInt());
      assertEquals(2, replay.get("failed").asInt());
      assertEquals("0 to replay\n", run("dlq", "replay", "--all", "-f", manifest).out());
      assertTrue(worker.conservation("hourly").holds());
    }
  }

  @Test
  void reproducesWhatFailedFromTheStoreAndFromAFile() throws Exception {
    replayInAWorker();
    String export = directory.resolve("letters.jsonl").toString();
    run("dlq", "export", "--to", export, "-f", manifest);

    Shell fromStore = Shell.run("invoke", "-f", manifest, "--dead-letter", "hourly/x");
    Shell fromFile =
        Shell.run(
            "invoke", "-f", manifest, "--dead-letter-file", export, "--dead-letter", "hourly/y");

    for (Shell shell : List.of(fromStore, fromFile)) {
      assertEquals(ExitCodes.CHECK_FAILED, shell.exitCode(), shell.err());
      assertTrue(
          shell.err().contains("reproduced: REJECTED, with the same error as recorded"),
          shell.err());
      assertTrue(!shell.err().contains("note:"), shell.err());
    }
    assertTrue(fromStore.err().contains("hourly/x"), fromStore.err());
    assertTrue(fromFile.err().contains("hourly/y"), fromFile.err());

    module("echo.wasm");
    Shell corrected = Shell.run("invoke", "-f", manifest, "--dead-letter", "hourly/x");
    assertEquals(ExitCodes.DONE, corrected.exitCode(), corrected.err());
    assertTrue(corrected.err().contains("note: another module: then "), corrected.err());
    assertTrue(
        corrected.err().contains("divergence: the guest asked for less than it did"),
        corrected.err());
    assertTrue(
        corrected.err().contains("not reproduced: now done, then REJECTED: "), corrected.err());
  }

  @Test
  void reproducesWithTheLimitsAndTheEventOfThenAndSaysWhatHasChanged() throws Exception {
    replayInAWorker();
    Path data = directory.resolve("data");
    Files.writeString(data, "D");
    run("dlq", "edit", "hourly/x", "--data-file", data.toString(), "-f", manifest);
    Path file = directory.resolve("millrace.yaml");
    Files.writeString(
        file, Files.readString(file).replace("timeout: 5s }", "timeout: 7s }, config: { a: b }"));

    Shell shell = Shell.run("invoke", "-f", manifest, "--dead-letter", "hourly/x");

    assertTrue(shell.err().contains("reproduced: REJECTED, with the same error"), shell.err());
    assertTrue(shell.err().contains("note: it runs with the limits that were in force"));
    assertTrue(shell.err().contains("note: the same module with another configuration"));
    assertTrue(shell.err().contains("note: the event was edited"));
  }

  @Test
  void runsALetterWithoutARecordingAndSaysSo() {
    Shell shell = Shell.run("invoke", "-f", manifest, "--dead-letter", "hourly/D");

    assertEquals(ExitCodes.DONE, shell.exitCode(), shell.err());
    assertTrue(shell.err().contains("note: this dead letter has no recording"), shell.err());
  }

  @Test
  void refusesADeadLetterThatIsNotThereAndOneWithAnEventBesideIt() {
    assertEquals(
        ExitCodes.NOT_FOUND,
        Shell.run("invoke", "-f", manifest, "--dead-letter", "nobody").exitCode());
    assertEquals(
        ExitCodes.USAGE,
        Shell.run("invoke", "-f", manifest, "--dead-letter", "hourly/x", "-d", "z").exitCode());
    assertEquals(ExitCodes.USAGE, Shell.run("invoke", "-f", manifest).exitCode());
  }

  @Test
  void tellsTheStatusOfARunningWorker() throws StartException {
    String address;
    try (Worker worker = start()) {
      address = worker.admin().orElseThrow().toString();
      replayAll();

      JsonNode status = JSON.readTree(run("status", "--listen", address, "-o", "json").out());

      JsonNode trigger = status.get("triggers").get(0);
      assertEquals("hourly", trigger.get("name").stringValue());
      assertEquals("running", trigger.get("state").stringValue());
      JsonNode account = trigger.get("account");
      assertEquals(3, account.get("received").asInt());
      assertEquals(1, account.get("succeeded").asInt());
      assertEquals(2, account.get("dead_lettered").asInt());
      assertEquals(0, account.get("pending").asInt());
      assertTrue(account.get("holds").asBoolean());
      JsonNode function = status.get("functions").get(0);
      assertEquals(worker.functions().get("f").version(), function.get("version").stringValue());
      assertEquals(2, status.get("store").get("dead_letters").asInt());
      assertEquals(2, status.get("store").get("quarantined").asInt());
      String text = run("status", "--listen", address).out();
      assertTrue(text.contains("ACCOUNT") && text.contains("holds"), text);
    }

    Shell gone = Shell.run("status", "--listen", address);
    assertEquals(ExitCodes.UNREACHABLE, gone.exitCode());
    assertTrue(gone.err().contains("no worker answers at " + address), gone.err());
    Shell unknown = Shell.run("status", "-f", manifest);
    assertEquals(ExitCodes.UNREACHABLE, unknown.exitCode());
    assertTrue(unknown.err().contains("gives its admin server no address"), unknown.err());
  }
}
