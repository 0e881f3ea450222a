package dev.millrace.worker.cli;

import dev.millrace.worker.store.StoreView;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code millrace cron pause}. */
@Command(
    name = "pause",
    description = {
      "Stops a cron trigger's schedule on all replicas, until it is resumed.",
      "What runs goes on, and fires that wait keep waiting; 'cron run' and 'cron backfill' still"
          + " fire. Remembered over restarts."
    })
final class CronPauseCommand implements Callable<Integer> {

  @Mixin private CronChoice trigger = new CronChoice();
  @Mixin private StoreAccess store = new StoreAccess();
  @Mixin private Output output = new Output();

  @Override
  public Integer call() {
    trigger.schedule(store.manifest());
    boolean changed;
    try (StoreView view = store.open()) {
      changed = StoreAccess.await(view.cron().pause(trigger.name(), Instant.now()));
    }
    output.document(
        trigger.name() + (changed ? " paused" : " was paused already"), Map.of("changed", changed));
    return ExitCodes.DONE;
  }
}
