package dev.millrace.worker.cli;

import dev.millrace.worker.store.DeadLetters.Summary;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Dead letters as rows. */
final class LetterTable {

  /** What people see of a row. */
  static final List<String> COLUMNS =
      List.of(
          "number",
          "trigger",
          "function",
          "failure",
          "attempts",
          "failed_at",
          "event",
          "mark",
          "error");

  private LetterTable() {}

  static Map<String, Object> row(Summary summary) {
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
    row.put("quarantined", summary.quarantined());
    row.put("edited", summary.edited());
    row.put("mark", mark(summary));
    row.put("error", summary.error());
    return row;
  }

  private static String mark(Summary summary) {
    String quarantined = summary.quarantined() ? "quarantined" : "";
    String edited = summary.edited() ? "edited" : "";
    return quarantined.isEmpty() || edited.isEmpty()
        ? quarantined + edited
        : quarantined + ", " + edited;
  }
}
