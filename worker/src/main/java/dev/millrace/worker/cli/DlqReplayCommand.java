package dev.millrace.worker.cli;

import dev.millrace.worker.store.DeadLetters;
import dev.millrace.worker.store.Replays;
import dev.millrace.worker.store.StoreView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace dlq replay}. */
@Command(
    name = "replay",
    description = {
      "Gives dead letters to their functions again, with all their attempts before them.",
      "The running worker begins within a second, or the next one that starts; 'dlq replays' tells"
          + " how far it is. Letters of one trigger and key go in order, one at a time. A dead letter"
          + " leaves the store once its replay has succeeded; if it fails again it stays.",
      "With a filter, those in quarantine are meant only with --quarantined."
    })
final class DlqReplayCommand implements Callable<Integer> {

  @Mixin private StoreAccess store = new StoreAccess();
  @Mixin private LetterSelection selection = new LetterSelection();
  @Mixin private Output output = new Output();

  @Option(
      names = "--rate",
      paramLabel = "RATE",
      converter = Rate.Converter.class,
      description = "At most so many in a time, for example 10/s. Default: as fast as it goes.")
  private @Nullable Rate rate;

  @Option(
      names = "--to-source",
      description = {
        "Send the events to the topic, channel or stream that they came from, where all its consumers"
            + " see them again, and remove the letters once that is confirmed."
      })
  private boolean toSource;

  @Option(names = "--dry-run", description = "Change nothing; list what would be replayed.")
  private boolean dryRun;

  @Override
  public Integer call() {
    try (StoreView view = store.open()) {
      DeadLetters letters = view.deadLetters();
      DeadLetters.Filter filter = selection.toChange(letters);
      List<Map<String, Object>> rows = new ArrayList<>();
      LetterSelection.Found found =
          selection.each(
              letters,
              filter,
              summary -> {
                if (dryRun) {
                  rows.add(LetterTable.row(summary));
                }
              });
      if (dryRun) {
        output.rows(LetterTable.COLUMNS, rows);
      } else if (found.count() == 0) {
        output.document("0 to replay", Map.of("letters", 0));
      } else {
        start(view.replays(), filter, found);
      }
    }
    return ExitCodes.DONE;
  }

  private void start(Replays replays, DeadLetters.Filter filter, LetterSelection.Found found) {
    String id = UUID.randomUUID().toString().substring(0, 8);
    Replays.Target target = toSource ? Replays.Target.SOURCE : Replays.Target.FUNCTION;
    StoreAccess.await(
        replays.start(
            Replays.Replay.of(
                id,
                filter,
                target,
                rate == null ? Duration.ZERO : rate.interval(),
                found.lastNumber(),
                found.count(),
                Instant.now())));
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("replay", id);
    json.put("letters", found.count());
    output.document(
        "replay "
            + id
            + ": "
            + found.count()
            + " to replay; 'millrace dlq replays' tells how far it is",
        json);
  }
}
