package dev.millrace.worker.cli;

import dev.millrace.worker.store.DeadLetters;
import dev.millrace.worker.store.StoreView;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace dlq discard}. */
@Command(
    name = "discard",
    description = {
      "Forgets dead letters for ever.",
      "With a filter, those in quarantine are meant only with --quarantined."
    })
final class DlqDiscardCommand implements Callable<Integer> {

  @Mixin private StoreAccess store = new StoreAccess();
  @Mixin private LetterSelection selection = new LetterSelection();
  @Mixin private Output output = new Output();

  @Option(names = "--dry-run", description = "Change nothing; list what would be discarded.")
  private boolean dryRun;

  @Override
  public Integer call() {
    try (StoreView view = store.open()) {
      DeadLetters letters = view.deadLetters();
      DeadLetters.Filter filter = selection.toChange(letters);
      List<String> ids = new ArrayList<>();
      List<Map<String, Object>> rows = new ArrayList<>();
      selection.each(
          letters,
          filter,
          summary -> {
            ids.add(summary.id());
            if (dryRun) {
              rows.add(LetterTable.row(summary));
            }
          });
      if (dryRun) {
        output.rows(LetterTable.COLUMNS, rows);
        return ExitCodes.DONE;
      }
      int discarded = discard(letters, ids);
      output.document(discarded + " discarded", Map.of("discarded", discarded));
    }
    return ExitCodes.DONE;
  }

  /** In parts, since what waits for a commit is bounded. */
  private static int discard(DeadLetters letters, List<String> ids) {
    int part = 1000;
    int discarded = 0;
    for (int from = 0; from < ids.size(); from += part) {
      List<String> some = ids.subList(from, Math.min(ids.size(), from + part));
      discarded += StoreAccess.await(letters.remove(some));
    }
    return discarded;
  }
}
