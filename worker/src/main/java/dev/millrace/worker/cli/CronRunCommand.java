package dev.millrace.worker.cli;

import dev.millrace.triggers.cron.Fire;
import dev.millrace.worker.store.StoreView;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code millrace cron run}. */
@Command(
    name = "run",
    description = {
      "Fires a cron trigger now, whatever its schedule says, also while it is paused.",
      "Exactly one of the workers takes it, after a fire that runs. The command does not wait."
    })
final class CronRunCommand implements Callable<Integer> {

  @Mixin private CronChoice trigger = new CronChoice();
  @Mixin private StoreAccess store = new StoreAccess();
  @Mixin private Output output = new Output();

  @Override
  public Integer call() {
    trigger.schedule(store.manifest());
    Fire fire = Fire.manual(Instant.now());
    try (StoreView view = store.open()) {
      StoreAccess.await(view.cron().request(trigger.name(), List.of(fire), false));
    }
    String id = fire.eventId(trigger.name());
    output.document("to fire as " + id, Map.of("event", id));
    return ExitCodes.DONE;
  }
}
