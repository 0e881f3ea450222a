package dev.millrace.worker.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code millrace add}: more in a manifest that is there. */
@Command(
    name = "add",
    description = {
      "Adds a function or a trigger to a manifest.",
      "What is in the file stays as it is, comments included."
    },
    subcommands = {AddFunctionCommand.class, AddTriggerCommand.class})
final class AddCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getErr());
    return ExitCodes.USAGE;
  }
}
