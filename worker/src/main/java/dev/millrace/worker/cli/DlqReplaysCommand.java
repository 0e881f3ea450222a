package dev.millrace.worker.cli;

import dev.millrace.worker.store.Replays;
import dev.millrace.worker.store.StoreView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace dlq replays}. */
@Command(
    name = "replays",
    description = "Lists replays of the last 30 days, the latest first, and cancels them.")
final class DlqReplaysCommand implements Callable<Integer> {

  private static final int LIMIT = 100;

  @Mixin private StoreAccess store = new StoreAccess();
  @Mixin private Output output = new Output();

  @Option(
      names = "--cancel",
      paramLabel = "ID",
      description = "End this replay. What it has handed out already runs on.")
  private @Nullable String cancel;

  @Override
  public Integer call() {
    try (StoreView view = store.open()) {
      if (cancel != null) {
        cancel(view.replays(), cancel);
        return ExitCodes.DONE;
      }
      List<Map<String, Object>> rows = new ArrayList<>();
      view.replays().list(LIMIT).forEach(replay -> rows.add(row(replay)));
      output.rows(
          List.of(
              "id",
              "state",
              "to",
              "letters",
              "through",
              "left",
              "failed",
              "skipped",
              "rate",
              "created_at",
              "note"),
          rows);
    }
    return ExitCodes.DONE;
  }

  private void cancel(Replays replays, String id) {
    if (!StoreAccess.await(replays.cancel(id, Instant.now()))) {
      throw new CommandException(
          ExitCodes.NOT_FOUND,
          "no replay '" + id + "' is running; 'millrace dlq replays' lists them");
    }
    output.document("replay " + id + " cancelled", Map.of("cancelled", id));
  }

  private static Map<String, Object> row(Replays.Replay replay) {
    Replays.Progress progress = replay.progress();
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("id", replay.id());
    row.put("state", replay.state().name().toLowerCase(Locale.ROOT));
    row.put("to", replay.target().name().toLowerCase(Locale.ROOT));
    row.put("letters", replay.total());
    row.put("through", progress.left() + progress.failed() + progress.skipped());
    row.put("left", progress.left());
    row.put("failed", progress.failed());
    row.put("skipped", progress.skipped());
    row.put("rate", Rate.text(replay.interval()));
    row.put("created_at", replay.createdAt().toString());
    replay.endedAt().ifPresent(ended -> row.put("ended_at", ended.toString()));
    row.put("note", progress.trouble());
    return row;
  }
}
