package dev.millrace.worker.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code millrace dlq}: the dead letters in the store. */
@Command(
    name = "dlq",
    description = {
      "Dead letters in the worker's store.",
      "Works beside a running worker, and without one. A dead letter is named by its number, its"
          + " id, or the start of its id."
    },
    subcommands = {
      DlqListCommand.class,
      DlqShowCommand.class,
      DlqEditCommand.class,
      DlqReplayCommand.class,
      DlqReplaysCommand.class,
      DlqDiscardCommand.class,
      DlqExportCommand.class,
      DlqImportCommand.class
    })
final class DlqCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getErr());
    return ExitCodes.USAGE;
  }
}
