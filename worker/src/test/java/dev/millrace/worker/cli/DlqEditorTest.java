package dev.millrace.worker.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.triggers.DeadLetter;
import dev.millrace.triggers.FailureKind;
import dev.millrace.worker.store.SqliteStore;
import dev.millrace.worker.store.Store;
import dev.millrace.worker.store.StoreOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code millrace dlq edit} as a process of its own, with an editor that is one too: a script that
 * notes what it was given.
 */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the editor is run by /bin/sh")
class DlqEditorTest {

  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
  private static final int LIMIT_SECONDS = 60;

  @TempDir private Path directory;
  private Path store;

  @BeforeEach
  void storeALetter() {
    store = directory.resolve("store.db");
    try (Store opened = SqliteStore.open(store, StoreOptions.DEFAULT)) {
      opened
          .deadLetters()
          .store(
              new DeadLetter(
                  "orders/a",
                  DetachedEvent.of("a", "test", "test", NOW, "amount: -1"),
                  "orders",
                  "charge",
                  "0123",
                  FailureKind.TRAP,
                  "unreachable",
                  NOW,
                  NOW,
                  List.of(),
                  1))
          .toCompletableFuture()
          .join();
    }
  }

  @Test
  void givesTheEditorTheDataInAFileOfTheUsersOwnAndTakesWhatItLeaves() throws Exception {
    String editor =
        script(
            "edit", "echo \"$1\" > $NOTES; ls -l \"$2\" >> $NOTES; printf 'amount: 25' > \"$2\"");

    Ended ended = edit(Map.of("EDITOR", editor + " --wait"));

    assertEquals(ExitCodes.DONE, ended.exitCode(), ended.output());
    assertTrue(ended.output().contains("orders/a edited"), ended.output());
    assertEquals("amount: 25", data());
    List<String> notes = Files.readAllLines(directory.resolve("notes"));
    assertEquals("--wait", notes.getFirst(), "arguments of the variable");
    assertTrue(notes.get(1).startsWith("-rw-------"), notes.get(1));
    Path file = Path.of(notes.get(1).substring(notes.get(1).indexOf('/')));
    assertTrue(Files.notExists(file), "nothing of the event is left in " + file);
  }

  @Test
  void changesNothingWhenTheEditorFails() throws Exception {
    String editor = script("fail", "echo nonsense > \"$1\"; exit 3");

    Ended ended = edit(Map.of("EDITOR", editor));

    assertEquals(ExitCodes.REFUSED, ended.exitCode(), ended.output());
    assertTrue(ended.output().contains("exit code 3; nothing changed"), ended.output());
    assertEquals("amount: -1", data());
  }

  @Test
  void prefersVisualAndSaysThatNothingChanged() throws Exception {
    Ended ended = edit(Map.of("VISUAL", script("look", "cat \"$1\""), "EDITOR", "no-such-editor"));

    assertEquals(ExitCodes.DONE, ended.exitCode(), ended.output());
    assertTrue(ended.output().contains("amount: -1"), "the editor has the terminal");
    assertTrue(ended.output().contains("nothing changed"), ended.output());
  }

  @Test
  void saysWhatToDoWithoutAnEditor() throws Exception {
    Ended ended = edit(Map.of());

    assertEquals(ExitCodes.USAGE, ended.exitCode(), ended.output());
    assertTrue(ended.output().contains("set EDITOR, or give --data-file"), ended.output());
  }

  private record Ended(int exitCode, String output) {}

  /** A script of the shell, in a file that may be run. */
  private String script(String name, String body) throws IOException {
    Path file = directory.resolve(name);
    Files.writeString(file, "#!/bin/sh\n" + body + "\n");
    assertTrue(file.toFile().setExecutable(true), "may be made executable");
    return file.toString();
  }

  private Ended edit(Map<String, String> variables) throws Exception {
    Path output = directory.resolve("output");
    ProcessBuilder command =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.millrace.worker.cli.Main",
                "dlq",
                "edit",
                "orders/a",
                "--store",
                store.toString())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    command.environment().keySet().removeAll(List.of("VISUAL", "EDITOR"));
    command.environment().putAll(variables);
    command.environment().put("NOTES", directory.resolve("notes").toString());
    Process process = command.start();
    try {
      assertTrue(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS), "ends by itself");
    } finally {
      process.destroyForcibly();
    }
    return new Ended(process.exitValue(), Files.readString(output));
  }

  private String data() {
    try (Store opened = SqliteStore.open(store, StoreOptions.DEFAULT)) {
      byte[] data = opened.deadLetters().find("orders/a").orElseThrow().letter().event().data();
      return new String(data, StandardCharsets.UTF_8);
    }
  }
}
