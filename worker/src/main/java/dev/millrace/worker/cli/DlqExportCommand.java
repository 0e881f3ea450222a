package dev.millrace.worker.cli;

import dev.millrace.worker.store.DeadLetters;
import dev.millrace.worker.store.StoreView;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** {@code millrace dlq export}. */
@Command(
    name = "export",
    description = {
      "Writes dead letters whole, one JSON object a line, in the order in which they first failed.",
      "'dlq import' takes them into another store, 'invoke --dead-letter-file' reproduces them. They"
          + " hold all that the events hold: keep the file as safe as these."
    })
final class DlqExportCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Mixin private StoreAccess store = new StoreAccess();
  @Mixin private LetterSelection selection = new LetterSelection();

  @Option(
      names = "--to",
      paramLabel = "FILE",
      description = "Write to this new file. Default: stdout.")
  private @Nullable Path to;

  @Override
  public Integer call() throws IOException {
    try (StoreView view = store.open()) {
      if (to == null) {
        write(view.deadLetters(), spec.commandLine().getOut());
        return ExitCodes.DONE;
      }
      if (Files.exists(to)) {
        throw new CommandException(
            ExitCodes.REFUSED, to + " is there already; name another file, or remove it");
      }
      try (PrintWriter file = new PrintWriter(Files.newBufferedWriter(to))) {
        long count = write(view.deadLetters(), file);
        if (file.checkError()) {
          throw new CommandException(ExitCodes.REFUSED, to + " could not be written to its end");
        }
        spec.commandLine().getErr().println(count + " exported to " + to);
      }
    }
    return ExitCodes.DONE;
  }

  private long write(DeadLetters letters, PrintWriter out) {
    LetterSelection.Found found =
        selection.each(
            letters,
            selection.toLookAt(letters),
            summary ->
                letters
                    .find(Long.toString(summary.number()))
                    .ifPresent(
                        stored ->
                            out.print(
                                JsonMapper.shared().writeValueAsString(LetterJson.write(stored))
                                    + "\n")));
    out.flush();
    return found.count();
  }
}
