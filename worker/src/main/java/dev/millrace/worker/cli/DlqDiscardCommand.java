package dev.millrace.worker.cli;

import dev.millrace.worker.store.StoreView;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code millrace dlq discard}. */
@Command(name = "discard", description = "Forgets dead letters for ever.")
final class DlqDiscardCommand implements Callable<Integer> {

  @Mixin private StoreAccess store = new StoreAccess();
  @Mixin private LetterSelection selection = new LetterSelection();
  @Mixin private Output output = new Output();

  @Override
  public Integer call() {
    int discarded;
    try (StoreView view = store.open()) {
      List<String> ids = selection.ids(view.deadLetters());
      discarded = StoreAccess.await(view.deadLetters().remove(ids));
    }
    output.document(discarded + " discarded", Map.of("discarded", discarded));
    return ExitCodes.DONE;
  }
}
