package dev.millrace.worker.cli;

import dev.millrace.triggers.cron.CronSchedule;
import dev.millrace.triggers.cron.Fire;
import dev.millrace.triggers.cron.FireLedger;
import dev.millrace.worker.store.StoreView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace cron backfill}. */
@Command(
    name = "backfill",
    description = {
      "Fires a cron trigger's grid times of a range in the past, oldest first.",
      "A grid time that has fired is left out, one that was skipped fires. Workers take the fires"
          + " when they have nothing else to do for the trigger. The command does not wait."
    })
final class CronBackfillCommand implements Callable<Integer> {

  private static final int AT_ONCE = 1000;

  @Mixin private CronChoice trigger = new CronChoice();
  @Mixin private StoreAccess store = new StoreAccess();
  @Mixin private Output output = new Output();

  @Option(
      names = "--from",
      paramLabel = "TIME",
      required = true,
      description = "Grid times from here on, in the trigger's zone if it names none.")
  private String from = "";

  @Option(
      names = "--to",
      paramLabel = "TIME",
      description = "Grid times up to here, this one included. Default: now.")
  private @Nullable String to;

  @Option(
      names = "--max",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Ask for nothing if there are more. Default: ${DEFAULT-VALUE}.")
  private int max = 1000;

  @Option(names = "--again", description = "Also those that have fired, with the same event ids.")
  private boolean again;

  @Option(names = "--dry-run", description = "Only say what would be done.")
  private boolean dryRun;

  @Override
  public Integer call() {
    CronSchedule schedule = trigger.schedule(store.manifest());
    Instant now = Instant.now();
    Instant first = InstantConverter.parse("--from", from, schedule.zone());
    Instant last = to == null ? now : InstantConverter.parse("--to", to, schedule.zone());
    if (last.isAfter(now) || first.isAfter(last)) {
      throw new CommandException(
          ExitCodes.USAGE, "--from must be before --to, and --to not in the future");
    }
    List<Instant> times =
        schedule.between(first.minusMillis(1), last).limit(Math.max(0L, max) + 1).toList();
    if (times.size() > max) {
      throw new CommandException(
          ExitCodes.REFUSED,
          "there are more than %d grid times from %s to %s; narrow the range, or raise --max"
              .formatted(max, first, last));
    }
    try (StoreView view = store.open()) {
      if (dryRun) {
        show(times, view.cron().recorded(trigger.name(), first, last));
        return ExitCodes.DONE;
      }
      int requested = 0;
      for (int i = 0; i < times.size(); i += AT_ONCE) {
        List<Fire> some =
            times.subList(i, Math.min(i + AT_ONCE, times.size())).stream()
                .map(Fire::backfill)
                .toList();
        requested += StoreAccess.await(view.cron().request(trigger.name(), some, again));
      }
      output.document(
          "%d of %d grid times to fire".formatted(requested, times.size()),
          Map.of("grid_times", times.size(), "requested", requested));
    }
    return ExitCodes.DONE;
  }

  private void show(List<Instant> times, Map<Instant, FireLedger.State> recorded) {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (Instant time : times) {
      FireLedger.State state = recorded.get(time);
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("time", time.toString());
      row.put("recorded", state == null ? "" : state.name().toLowerCase(Locale.ROOT));
      row.put("fires", fires(state));
      rows.add(row);
    }
    output.rows(List.of("time", "recorded", "fires"), rows);
  }

  private boolean fires(FireLedger.@Nullable State state) {
    return state == null
        || state == FireLedger.State.SKIPPED
        || (state == FireLedger.State.SETTLED && again);
  }
}
