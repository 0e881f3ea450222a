package dev.millrace.worker.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.triggers.Attempt;
import dev.millrace.triggers.DeadLetter;
import dev.millrace.triggers.FailureKind;
import dev.millrace.worker.store.DeadLetters;
import dev.millrace.worker.store.ParkedRetries;
import dev.millrace.worker.store.Replays;
import dev.millrace.worker.store.SqliteStore;
import dev.millrace.worker.store.Store;
import dev.millrace.worker.store.StoreOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Dead letters from the command line, on a store of a worker that does not run now. */
class DlqCommandsTest {

  private static final JsonMapper JSON = JsonMapper.shared();
  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

  @TempDir private Path directory;
  private String store;

  @BeforeEach
  void storeTwoLetters() {
    Path file = directory.resolve("store.db");
    store = file.toString();
    try (Store opened = SqliteStore.open(file, StoreOptions.DEFAULT)) {
      opened.deadLetters().store(letter("orders", "a")).toCompletableFuture().join();
      opened.deadLetters().store(letter("refunds", "b")).toCompletableFuture().join();
    }
  }

  @Test
  void listsTheLettersOfATrigger() {
    Shell shell = Shell.run("dlq", "ls", "--store", store, "--trigger", "orders", "-o", "json");

    assertEquals(ExitCodes.DONE, shell.exitCode(), shell.err());
    JsonNode rows = JSON.readTree(shell.out());
    assertEquals(1, rows.size());
    assertEquals("orders/a", rows.get(0).get("id").stringValue());
    assertEquals("TRAP", rows.get(0).get("failure").stringValue());
  }

  @Test
  void showsALetterWhole() {
    Shell shell = Shell.run("dlq", "show", "orders/", "--store", store);

    assertEquals(ExitCodes.DONE, shell.exitCode(), shell.err());
    assertTrue(shell.out().contains("error: unreachable"), shell.out());
    assertTrue(shell.out().contains("data: data of a"), shell.out());
    assertTrue(shell.out().contains("log: last words"), shell.out());
  }

  @Test
  void saysThatALetterDoesNotExistWithExitCodeFive() {
    Shell shell = Shell.run("dlq", "show", "nobody", "--store", store);

    assertEquals(ExitCodes.NOT_FOUND, shell.exitCode());
    assertTrue(shell.err().contains("no dead letter 'nobody'"), shell.err());
  }

  @Test
  void aReplayWaitsForAWorkerAndTheLetterStaysUntilItSucceeded() {
    Shell shell = Shell.run("dlq", "replay", "orders/a", "--store", store, "--rate", "600/m");

    assertEquals(ExitCodes.DONE, shell.exitCode(), shell.err());
    try (Store opened = SqliteStore.open(Path.of(store), StoreOptions.DEFAULT)) {
      Replays.Replay replay = opened.replays().running().getFirst();
      assertEquals(1, replay.total());
      assertEquals(Duration.ofMillis(100), replay.interval());
      assertEquals(Replays.Target.FUNCTION, replay.target());
      assertEquals(
          List.of("orders/a"),
          opened.deadLetters().inOrder(replay.filter(), 0, 10).stream()
              .map(DeadLetters.Summary::id)
              .toList());
    }
  }

  @Test
  void discardsAllOfATrigger() {
    Shell shell = Shell.run("dlq", "discard", "--trigger", "orders", "--store", store);

    assertEquals(ExitCodes.DONE, shell.exitCode(), shell.err());
    assertEquals("1 discarded\n", shell.out());
    try (Store opened = SqliteStore.open(Path.of(store), StoreOptions.DEFAULT)) {
      assertEquals(Optional.empty(), opened.deadLetters().find("orders/a"));
      assertTrue(opened.deadLetters().find("refunds/b").isPresent());
    }
  }

  @Test
  void listsWhatADryRunWouldChangeAndChangesNothing() {
    for (String command : List.of("replay", "discard")) {
      Shell shell =
          Shell.run(
              "dlq",
              command,
              "--error",
              "REACH",
              "--max",
              "1",
              "--dry-run",
              "--store",
              store,
              "-o",
              "jsonl");

      assertEquals(ExitCodes.DONE, shell.exitCode(), shell.err());
      assertEquals("orders/a", JSON.readTree(shell.out()).get("id").stringValue());
    }
    try (Store opened = SqliteStore.open(Path.of(store), StoreOptions.DEFAULT)) {
      assertEquals(2, opened.deadLetters().count(DeadLetters.Filter.ALL));
      assertEquals(List.of(), opened.replays().running());
    }
  }

  @Test
  void combinesFilters() {
    assertEquals(1, listed("--version", "01", "--failure", "trap", "--trigger", "refunds"));
    assertEquals(0, listed("--version", "12"));
    assertEquals(0, listed("--since", "1h"));
    assertEquals(2, listed("--until", "1h"));
    assertEquals(2, listed("--since", "2026-01-01T12:00:00Z"));
    assertEquals(0, listed("--until", "2026-01-01T13:00:00+01:00"));
    assertEquals(0, listed("--quarantined"));
    assertEquals(1, listed("orders/a"));
    assertEquals(ExitCodes.USAGE, Shell.run("dlq", "ls", "--since", "soon").exitCode());
    assertEquals(
        ExitCodes.USAGE, Shell.run("dlq", "discard", "1", "--all", "--store", store).exitCode());
  }

  private int listed(String... filter) {
    List<String> arguments = new ArrayList<>(List.of("dlq", "ls", "--store", store, "-o", "json"));
    arguments.addAll(List.of(filter));
    Shell shell = Shell.run(arguments.toArray(String[]::new));
    assertEquals(ExitCodes.DONE, shell.exitCode(), shell.err());
    return JSON.readTree(shell.out()).size();
  }

  @Test
  void takesNoFilterFromTheEnvironment() {
    StringWriter err = new StringWriter();
    int exitCode =
        Main.commandLine()
            .setDefaultValueProvider(
                new EnvironmentDefaults(Map.of("MILLRACE_ALL", "true", "MILLRACE_STORE", store)))
            .setErr(new PrintWriter(err, true))
            .execute("dlq", "discard");

    assertEquals(ExitCodes.USAGE, exitCode, err.toString());
    assertTrue(err.toString().contains("say which dead letters"), err.toString());
  }

  @Test
  void editsTheDataAndShowsWhatWasReceivedBesideIt() throws IOException {
    Path data = directory.resolve("data");
    Files.writeString(data, "corrected");

    Shell edit =
        Shell.run("dlq", "edit", "orders/a", "--data-file", data.toString(), "--store", store);
    Shell again =
        Shell.run("dlq", "edit", "orders/a", "--data-file", data.toString(), "--store", store);
    Shell show = Shell.run("dlq", "show", "orders/a", "--store", store, "-o", "json");

    assertEquals("orders/a edited\n", edit.out());
    assertEquals("nothing changed\n", again.out());
    JsonNode json = JSON.readTree(show.out());
    assertEquals("corrected", json.get("event").get("data").stringValue());
    assertEquals("data of a", json.get("original").get("data").stringValue());
    assertEquals("data of a", json.get("recorded_event").get("data").stringValue());
    assertTrue(
        Shell.run("dlq", "ls", "--store", store).out().contains("edited"), "marked in the list");
  }

  @Test
  void refusesToEditWhatIsBeingReplayed() throws IOException {
    try (Store opened = SqliteStore.open(Path.of(store), StoreOptions.DEFAULT)) {
      DeadLetter letter = letter("orders", "a");
      opened
          .parked()
          .park(
              new ParkedRetries.Parked(
                  letter.id(), letter.event(), "orders", "charge", 0, NOW, NOW, List.of()))
          .toCompletableFuture()
          .join();
    }
    Path data = directory.resolve("data");
    Files.writeString(data, "corrected");

    Shell edit =
        Shell.run("dlq", "edit", "orders/a", "--data-file", data.toString(), "--store", store);

    assertEquals(ExitCodes.REFUSED, edit.exitCode());
    assertTrue(edit.err().contains("is being replayed"), edit.err());
  }

  @Test
  void whatWasExportedIsImportedIntoAnotherStoreAsItWas() throws IOException {
    Path data = directory.resolve("data");
    Files.writeString(data, "corrected");
    Shell.run("dlq", "edit", "orders/a", "--data-file", data.toString(), "--store", store);
    String file = directory.resolve("letters.jsonl").toString();
    String other = directory.resolve("other.db").toString();
    SqliteStore.open(Path.of(other), StoreOptions.DEFAULT).close();

    Shell export = Shell.run("dlq", "export", "--store", store, "--to", file);
    Shell overwrite = Shell.run("dlq", "export", "--store", store, "--to", file);
    Shell imported = Shell.run("dlq", "import", file, "--store", other);

    assertEquals("2 exported to " + file + "\n", export.err());
    assertEquals(ExitCodes.REFUSED, overwrite.exitCode());
    assertEquals("2 imported\n", imported.out(), imported.err());
    assertEquals(
        Shell.run("dlq", "export", "--store", store).out(),
        Shell.run("dlq", "export", "--store", other).out());
  }

  @Test
  void aLineThatIsNoDeadLetterIsNamed() throws IOException {
    Path file = directory.resolve("letters.jsonl");
    String good = Shell.run("dlq", "export", "orders/a", "--store", store).out();
    Files.writeString(file, good + "\n{\"id\": 5}\n");

    Shell shell = Shell.run("dlq", "import", file.toString(), "--store", store);

    assertEquals(ExitCodes.CHECK_FAILED, shell.exitCode());
    assertTrue(shell.err().contains("letters.jsonl:3 not a dead letter: 'id'"), shell.err());
  }

  @Test
  void listsAndCancelsReplays() {
    Shell.run("dlq", "replay", "--all", "--rate", "2/s", "--to-source", "--store", store);

    JsonNode row =
        JSON.readTree(Shell.run("dlq", "replays", "--store", store, "-o", "json").out()).get(0);
    assertEquals("running", row.get("state").stringValue());
    assertEquals("source", row.get("to").stringValue());
    assertEquals("2/s", row.get("rate").stringValue());
    assertEquals(2, row.get("letters").asInt());
    String id = row.get("id").stringValue();
    assertEquals(
        ExitCodes.DONE, Shell.run("dlq", "replays", "--cancel", id, "--store", store).exitCode());
    assertEquals(
        ExitCodes.NOT_FOUND,
        Shell.run("dlq", "replays", "--cancel", id, "--store", store).exitCode());
  }

  @Test
  void readsRates() {
    assertEquals(Duration.ofMillis(100), Rate.parse("10/s").interval());
    assertEquals("10/s", Rate.text(Rate.parse("600/m").interval()));
    assertEquals("90/m", Rate.text(Rate.parse("90/m").interval()));
    assertEquals("5/h", Rate.text(Rate.parse("5/h").interval()));
    assertEquals(
        ExitCodes.USAGE,
        Shell.run("dlq", "replay", "--all", "--rate", "fast", "--store", store).exitCode());
  }

  @Test
  void doesNothingWithoutASelection() {
    assertEquals(ExitCodes.USAGE, Shell.run("dlq", "discard", "--store", store).exitCode());
  }

  @Test
  void refusesAStoreThatIsNotThere() {
    Shell shell = Shell.run("dlq", "ls", "--store", directory.resolve("none.db").toString());

    assertEquals(ExitCodes.REFUSED, shell.exitCode());
    assertTrue(shell.err().contains("there is no store"), shell.err());
  }

  private static DeadLetter letter(String trigger, String event) {
    return new DeadLetter(
        trigger + "/" + event,
        DetachedEvent.of(event, "test", "test", NOW, "data of " + event),
        trigger,
        "charge",
        "0123",
        FailureKind.TRAP,
        "unreachable",
        NOW,
        NOW,
        List.of(
            new Attempt(
                1, NOW, Duration.ofMillis(3), FailureKind.TRAP, "unreachable", "last words")),
        1);
  }
}
