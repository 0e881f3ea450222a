package dev.millrace.worker.cli;

import dev.millrace.worker.store.StoreView;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code millrace dlq ls}. */
@Command(name = "ls", description = "Lists dead letters, the latest first; 100 without --max.")
final class DlqListCommand implements Callable<Integer> {

  private static final int LIMIT = 100;

  @Mixin private StoreAccess store = new StoreAccess();
  @Mixin private LetterSelection selection = new LetterSelection();
  @Mixin private Output output = new Output();

  @Override
  public Integer call() {
    List<Map<String, Object>> rows = new ArrayList<>();
    try (StoreView view = store.open()) {
      view.deadLetters()
          .list(selection.toLookAt(view.deadLetters()), selection.max(LIMIT))
          .forEach(summary -> rows.add(LetterTable.row(summary)));
    }
    output.rows(LetterTable.COLUMNS, rows);
    return ExitCodes.DONE;
  }
}
