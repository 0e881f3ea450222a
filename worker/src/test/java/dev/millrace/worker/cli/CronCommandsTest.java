package dev.millrace.worker.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.triggers.cron.Fire;
import dev.millrace.triggers.cron.FireLedger;
import dev.millrace.worker.store.SqliteStore;
import dev.millrace.worker.store.Store;
import dev.millrace.worker.store.StoreOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Cron triggers from the command line, on a store of a worker that does not run now. */
class CronCommandsTest {

  @TempDir private Path directory;

  @BeforeEach
  void makeAManifestAndAStore() throws IOException {
    Files.write(directory.resolve("f.wasm"), new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0});
    Files.writeString(
        directory.resolve("millrace.yaml"),
        """
        millrace: 1
        store: { path: store.db }
        functions: { f: { wasm: f.wasm } }
        triggers:
          nightly: { cron: { schedule: "30 2 * * *", timezone: Europe/Berlin }, function: f }
        """);
    try (Store store = open()) {
      FireLedger ledger = store.fireLedger();
      Instant fired = Instant.parse("2026-01-02T01:30:00Z");
      ledger.claim("nightly", fired, FireLedger.State.OPEN).toCompletableFuture().join();
      ledger.settle("nightly", fired).toCompletableFuture().join();
    }
  }

  private Store open() {
    return SqliteStore.open(directory.resolve("store.db"), StoreOptions.DEFAULT);
  }

  private Shell cron(String... arguments) {
    List<String> all = new ArrayList<>(List.of("cron"));
    all.addAll(Arrays.asList(arguments));
    all.addAll(List.of("-f", directory.toString()));
    return Shell.run(all.toArray(String[]::new));
  }

  private List<Fire> requested() {
    try (Store store = open()) {
      return store.fireLedger().takeRequests("nightly", 100);
    }
  }

  @Test
  void printsTheNextGridTimesInBothClocks() {
    Shell shell =
        cron("next", "nightly", "-n", "2", "--from", "2026-03-28T12:00:00Z", "-o", "json");

    assertEquals(ExitCodes.DONE, shell.exitCode(), shell.err());
    JsonNode rows = JsonMapper.shared().readTree(shell.out());
    assertEquals(2, rows.size());
    assertEquals("2026-03-29T01:00:00Z", rows.get(0).get("time").stringValue());
    assertEquals("2026-03-29T03:00+02:00[Europe/Berlin]", rows.get(0).get("local").stringValue());
    assertEquals("2026-03-30T00:30:00Z", rows.get(1).get("time").stringValue());
  }

  @Test
  void takesATimeWithoutAZoneAsTheTriggersOwn() {
    Shell shell = cron("next", "nightly", "-n", "1", "--from", "2026-01-05T02:30", "-o", "jsonl");

    assertTrue(shell.out().contains("2026-01-06T01:30:00Z"), shell.out() + shell.err());
    assertEquals(ExitCodes.USAGE, cron("next", "nightly", "--from", "soon").exitCode());
  }

  @Test
  void asksForAFireByHand() {
    Shell shell = cron("run", "nightly");

    assertEquals(ExitCodes.DONE, shell.exitCode(), shell.err());
    Fire fire = requested().getFirst();
    assertEquals(Fire.Kind.MANUAL, fire.kind());
    assertEquals("to fire as " + fire.eventId("nightly") + "\n", shell.out());
  }

  @Test
  void backfillsWhatHasNotFired() {
    Shell dry =
        cron("backfill", "nightly", "--from", "2026-01-01", "--to", "2026-01-04", "--dry-run");
    assertTrue(dry.out().contains("settled"), dry.out() + dry.err());
    assertEquals(List.of(), requested());

    Shell shell = cron("backfill", "nightly", "--from", "2026-01-01", "--to", "2026-01-04");

    assertEquals("2 of 3 grid times to fire\n", shell.out(), shell.err());
    assertEquals(
        List.of(
            Fire.backfill(Instant.parse("2026-01-01T01:30:00Z")),
            Fire.backfill(Instant.parse("2026-01-03T01:30:00Z"))),
        requested());
    Shell again =
        cron("backfill", "nightly", "--from", "2026-01-01", "--to", "2026-01-04", "--again");
    assertEquals("1 of 3 grid times to fire\n", again.out(), again.err());
  }

  @Test
  void backfillsNothingBeyondItsBound() {
    Shell shell = cron("backfill", "nightly", "--from", "2024-01-01", "--max", "10");

    assertEquals(ExitCodes.REFUSED, shell.exitCode());
    assertTrue(shell.err().contains("more than 10 grid times"), shell.err());
    assertEquals(List.of(), requested());
    assertEquals(
        ExitCodes.USAGE,
        cron("backfill", "nightly", "--from", "2026-01-01", "--to", "2999-01-01").exitCode());
  }

  @Test
  void pausesAndResumes() {
    assertEquals("nightly paused\n", cron("pause", "nightly").out());
    assertEquals("nightly was paused already\n", cron("pause", "nightly").out());
    assertTrue(cron("ls").out().contains("paused"));
    try (Store store = open()) {
      assertTrue(store.fireLedger().paused("nightly"));
    }

    assertEquals("nightly resumed\n", cron("resume", "nightly").out());
    assertEquals("nightly was not paused\n", cron("resume", "nightly").out());

    JsonNode row = JsonMapper.shared().readTree(cron("ls", "-o", "json").out()).get(0);
    assertEquals("scheduled", row.get("state").stringValue());
    assertEquals("2026-01-02T01:30:00Z", row.get("last").stringValue());
    assertEquals("settled", row.get("last_state").stringValue());
    assertFalse(row.get("next").stringValue().isEmpty());
  }

  @Test
  void knowsOnlyTheManifestsCronTriggers() {
    Shell shell = cron("pause", "weekly");

    assertEquals(ExitCodes.NOT_FOUND, shell.exitCode());
    assertEquals("no cron trigger 'weekly'; the manifest has nightly\n", shell.err());
  }
}
