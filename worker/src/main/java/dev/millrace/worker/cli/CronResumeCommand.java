package dev.millrace.worker.cli;

import dev.millrace.worker.store.StoreView;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code millrace cron resume}. */
@Command(
    name = "resume",
    description = {
      "Lets a paused cron trigger go on.",
      "Grid times that passed meanwhile follow the trigger's 'missed'."
    })
final class CronResumeCommand implements Callable<Integer> {

  @Mixin private CronChoice trigger = new CronChoice();
  @Mixin private StoreAccess store = new StoreAccess();
  @Mixin private Output output = new Output();

  @Override
  public Integer call() {
    trigger.schedule(store.manifest());
    boolean changed;
    try (StoreView view = store.open()) {
      changed = StoreAccess.await(view.cron().resume(trigger.name()));
    }
    output.document(
        trigger.name() + (changed ? " resumed" : " was not paused"), Map.of("changed", changed));
    return ExitCodes.DONE;
  }
}
