package dev.millrace.worker.cli;

import dev.millrace.worker.bench.Figure;
import dev.millrace.worker.bench.Goal;
import dev.millrace.worker.bench.Spread;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Measured figures as rows of a table. */
final class FigureRow {

  private FigureRow() {}

  /** One row, by the names of the columns. */
  static Map<String, Object> of(String benchmark, Figure figure) {
    Map<String, Object> row = new LinkedHashMap<>();
    Spread spread = figure.spread();
    row.put("benchmark", benchmark);
    row.put("measure", figure.measure());
    row.put("value", number(spread.median(), figure.unit()));
    if (spread.rounds() > 1) {
      row.put("range", number(spread.least(), "") + "–" + number(spread.most(), ""));
    }
    figure.goal().ifPresent(goal -> goal(row, goal));
    figure.verdict().ifPresent(verdict -> row.put("verdict", word(verdict)));
    row.put("detail", figure.detail());
    return row;
  }

  private static void goal(Map<String, Object> row, Goal goal) {
    String sign = goal.direction() == Goal.Direction.AT_MOST ? "≤ " : "≥ ";
    row.put("at least", sign + number(goal.required(), ""));
    row.put("aim", sign + number(goal.aim(), ""));
  }

  private static String word(Goal.Verdict verdict) {
    return switch (verdict) {
      case MISSED -> "missed";
      case MET -> "met";
      case EXCEEDED -> "aim met";
    };
  }

  /** Reads a row that was written as JSON. */
  static Map<String, Object> parse(String json) {
    return JsonMapper.shared()
        .readValue(json, new TypeReference<LinkedHashMap<String, Object>>() {});
  }

  /** The row in one line, while others are still to come. */
  static String line(Map<String, Object> row) {
    return row.get("measure")
        + ": "
        + row.get("value")
        + (row.containsKey("verdict") ? " (" + row.get("verdict") + ")" : "");
  }

  /** The same rows as a table in Markdown. */
  static String markdown(List<String> columns, List<Map<String, Object>> rows) {
    StringBuilder text = new StringBuilder();
    text.append("| ").append(String.join(" | ", columns)).append(" |\n");
    text.append("|---".repeat(columns.size())).append("|\n");
    for (Map<String, Object> row : rows) {
      text.append(
              columns.stream()
                  .map(column -> String.valueOf(row.getOrDefault(column, "")))
                  .map(cell -> cell.replace("|", "\\|"))
                  .collect(Collectors.joining(" | ", "| ", " |")))
          .append('\n');
    }
    return text.toString();
  }

  /** What it was measured on. */
  static String machine() {
    return String.format(
        Locale.ROOT,
        "%s, %d cores, %s %s, JDK %s",
        LocalDate.now(ZoneOffset.UTC),
        Runtime.getRuntime().availableProcessors(),
        System.getProperty("os.name"),
        System.getProperty("os.arch"),
        Runtime.version());
  }

  private static String number(double value, String unit) {
    double size = Math.abs(value);
    String digits;
    if (size >= 10_000) {
      digits = String.format(Locale.ROOT, "%,.0f", value);
    } else if (size >= 100) {
      digits = String.format(Locale.ROOT, "%.0f", value);
    } else if (size >= 10) {
      digits = String.format(Locale.ROOT, "%.1f", value);
    } else {
      digits = String.format(Locale.ROOT, "%.2f", value);
    }
    return unit.isEmpty() || unit.equals(Figure.RATIO) ? digits : digits + " " + unit;
  }
}
