package dev.millrace.worker.cli;

import dev.millrace.triggers.FailureKind;
import dev.millrace.worker.store.DeadLetters;
import dev.millrace.worker.store.StoreView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code millrace dlq ls}. */
@Command(name = "ls", description = "Lists dead letters, the latest first.")
final class DlqListCommand implements Callable<Integer> {

  @Mixin private StoreAccess store = new StoreAccess();
  @Mixin private Output output = new Output();

  @Option(names = "--trigger", paramLabel = "NAME", description = "Only those of this trigger.")
  private @Nullable String trigger;

  @Option(names = "--function", paramLabel = "NAME", description = "Only those of this function.")
  private @Nullable String function;

  @Option(
      names = "--failure",
      paramLabel = "KIND",
      description = "Only those that failed so: ${COMPLETION-CANDIDATES}.")
  private @Nullable FailureKind failure;

  @Option(
      names = "--since",
      paramLabel = "DURATION",
      description = "Only those that failed within this time, for example 1h.")
  private @Nullable Duration since;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "100",
      description = "At most so many. Default: ${DEFAULT-VALUE}.")
  private int limit = 100;

  @Override
  public Integer call() {
    DeadLetters.Filter filter =
        new DeadLetters.Filter(
            Optional.ofNullable(trigger),
            Optional.ofNullable(function),
            Optional.ofNullable(failure),
            Optional.ofNullable(since).map(ago -> Instant.now().minus(ago)));
    List<Map<String, Object>> rows = new ArrayList<>();
    try (StoreView view = store.open()) {
      view.deadLetters().list(filter, limit).forEach(summary -> rows.add(row(summary)));
    }
    output.rows(
        List.of(
            "number", "trigger", "function", "failure", "attempts", "failed_at", "event", "error"),
        rows);
    return ExitCodes.DONE;
  }

  private static Map<String, Object> row(DeadLetters.Summary summary) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("number", summary.number());
    row.put("id", summary.id());
    row.put("trigger", summary.trigger());
    row.put("function", summary.function());
    row.put("version", summary.version());
    row.put("failure", summary.failure().name());
    row.put("attempts", summary.attemptCount());
    row.put("received_at", summary.receivedAt().toString());
    row.put("failed_at", summary.failedAt().toString());
    row.put("event", summary.eventId());
    row.put("bytes", summary.eventBytes());
    row.put("replays", summary.replays());
    row.put("error", summary.error());
    return row;
  }
}
