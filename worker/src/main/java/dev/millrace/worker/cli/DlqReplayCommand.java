package dev.millrace.worker.cli;

import dev.millrace.triggers.DeadLetter;
import dev.millrace.worker.store.DeadLetters;
import dev.millrace.worker.store.ParkedRetries;
import dev.millrace.worker.store.StoreView;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code millrace dlq replay}. */
@Command(
    name = "replay",
    description = {
      "Gives dead letters to their functions again, with all their attempts before them.",
      "The running worker takes them within a second, or the next one that starts. A dead letter"
          + " leaves the store once its replay has succeeded; if it fails again it stays."
    })
final class DlqReplayCommand implements Callable<Integer> {

  @Mixin private StoreAccess store = new StoreAccess();
  @Mixin private LetterSelection selection = new LetterSelection();
  @Mixin private Output output = new Output();

  @Override
  public Integer call() {
    int replayed = 0;
    try (StoreView view = store.open()) {
      List<String> ids = selection.ids(view.deadLetters());
      for (String id : ids) {
        DeadLetters.Stored stored = StoreAccess.require(view.deadLetters(), id);
        StoreAccess.await(view.parked().park(retry(stored.letter(), Instant.now())));
        StoreAccess.await(view.deadLetters().markReplayed(id, Instant.now()));
        replayed++;
      }
    }
    output.document(replayed + " to replay", Map.of("replayed", replayed));
    return ExitCodes.DONE;
  }

  /** The same event as if it had just been received. */
  static ParkedRetries.Parked retry(DeadLetter letter, Instant now) {
    return new ParkedRetries.Parked(
        letter.id(), letter.event(), letter.trigger(), letter.function(), 0, now, now, List.of());
  }
}
