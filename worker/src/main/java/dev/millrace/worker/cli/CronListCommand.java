package dev.millrace.worker.cli;

import dev.millrace.triggers.cron.CronOptions;
import dev.millrace.worker.manifest.Manifest;
import dev.millrace.worker.store.CronControl.Standing;
import dev.millrace.worker.store.StoreView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code millrace cron ls}. */
@Command(
    name = "ls",
    description = "Lists the manifest's cron triggers with what the store knows of them.")
final class CronListCommand implements Callable<Integer> {

  @Mixin private StoreAccess store = new StoreAccess();
  @Mixin private Output output = new Output();

  @Override
  public Integer call() {
    Manifest manifest = store.manifest();
    Map<String, Standing> standings;
    try (StoreView view = store.open()) {
      standings = view.cron().standings();
    }
    Instant now = Instant.now();
    List<Map<String, Object>> rows = new ArrayList<>();
    CronChoice.all(manifest)
        .forEach(
            (name, options) ->
                rows.add(row(name, options, standings.getOrDefault(name, Standing.UNKNOWN), now)));
    output.rows(
        List.of(
            "trigger",
            "schedule",
            "zone",
            "state",
            "next",
            "last",
            "last_state",
            "open",
            "requested"),
        rows);
    return ExitCodes.DONE;
  }

  private static Map<String, Object> row(
      String name, CronOptions options, Standing standing, Instant now) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("trigger", name);
    row.put("schedule", options.schedule());
    row.put("zone", options.zone().getId());
    row.put("state", standing.pausedSince().isPresent() ? "paused" : "scheduled");
    row.put("paused_since", standing.pausedSince().map(Instant::toString).orElse(""));
    row.put(
        "next",
        standing.pausedSince().isPresent()
            ? ""
            : CronChoice.schedule(options).next(now).map(Instant::toString).orElse(""));
    row.put("last", standing.latest().map(Instant::toString).orElse(""));
    row.put(
        "last_state",
        standing.latestState().map(state -> state.name().toLowerCase(Locale.ROOT)).orElse(""));
    row.put("open", standing.open());
    row.put("requested", standing.requested());
    return row;
  }
}
