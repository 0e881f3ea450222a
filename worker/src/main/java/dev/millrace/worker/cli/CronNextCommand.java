package dev.millrace.worker.cli;

import dev.millrace.triggers.cron.CronSchedule;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace cron next}. */
@Command(
    name = "next",
    description = {
      "Prints a cron trigger's next grid times.",
      "Computed from the manifest; needs neither a worker nor a store."
    })
final class CronNextCommand implements Callable<Integer> {

  @Mixin private CronChoice trigger = new CronChoice();
  @Mixin private StoreAccess store = new StoreAccess();
  @Mixin private Output output = new Output();

  @Option(
      names = {"-n", "--count"},
      paramLabel = "N",
      defaultValue = "10",
      description = "How many. Default: ${DEFAULT-VALUE}.")
  private int count = 10;

  @Option(
      names = "--from",
      paramLabel = "TIME",
      description = "Those after this time, in the trigger's zone if it names none. Default: now.")
  private @Nullable String from;

  @Override
  public Integer call() {
    CronSchedule schedule = trigger.schedule(store.manifest());
    Instant after =
        from == null ? Instant.now() : InstantConverter.parse("--from", from, schedule.zone());
    List<Map<String, Object>> rows = new ArrayList<>();
    for (Instant time : schedule.next(after, Math.max(1, count))) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("time", time.toString());
      row.put("local", time.atZone(schedule.zone()).toString());
      rows.add(row);
    }
    output.rows(List.of("time", "local"), rows);
    return ExitCodes.DONE;
  }
}
