package dev.millrace.worker.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code millrace cron}: cron triggers, through the store. */
@Command(
    name = "cron",
    description = {
      "Cron triggers: when they fire, and firing them by hand.",
      "Works through the worker's store, whether a worker runs or not; a running one acts within a"
          + " few seconds, the next one when it starts."
    },
    subcommands = {
      CronListCommand.class,
      CronNextCommand.class,
      CronRunCommand.class,
      CronBackfillCommand.class,
      CronPauseCommand.class,
      CronResumeCommand.class
    })
final class CronCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getErr());
    return ExitCodes.USAGE;
  }
}
