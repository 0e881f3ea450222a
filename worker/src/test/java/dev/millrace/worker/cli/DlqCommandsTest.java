package dev.millrace.worker.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.triggers.Attempt;
import dev.millrace.triggers.DeadLetter;
import dev.millrace.triggers.FailureKind;
import dev.millrace.worker.store.ParkedRetries;
import dev.millrace.worker.store.SqliteStore;
import dev.millrace.worker.store.Store;
import dev.millrace.worker.store.StoreOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
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
    Shell shell = Shell.run("dlq", "replay", "orders/a", "--store", store);

    assertEquals(ExitCodes.DONE, shell.exitCode(), shell.err());
    try (Store opened = SqliteStore.open(Path.of(store), StoreOptions.DEFAULT)) {
      List<ParkedRetries.Parked> due = opened.parked().takeDue(Instant.now(), 10);
      assertEquals(List.of("orders/a"), due.stream().map(ParkedRetries.Parked::id).toList());
      assertEquals(0, due.getFirst().failedAttempts());
      assertEquals(1, opened.deadLetters().find("orders/a").orElseThrow().summary().replays());
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
