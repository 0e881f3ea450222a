package dev.millrace.worker.cli;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** Rows in columns as wide as their widest cell. */
final class TextTable {

  private static final Pattern CONTROLS = Pattern.compile("\\p{Cntrl}+");

  private TextTable() {}

  /**
   * The table with a heading line; an absent cell is empty, and a line break in a cell is shown as
   * a space.
   */
  static String render(List<String> columns, List<Map<String, Object>> rows) {
    int[] widths = columns.stream().mapToInt(String::length).toArray();
    for (Map<String, Object> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], cell(row, columns.get(i)).length());
      }
    }
    StringBuilder text = new StringBuilder();
    line(text, columns.stream().map(column -> column.toUpperCase(Locale.ROOT)).toList(), widths);
    for (Map<String, Object> row : rows) {
      line(text, columns.stream().map(column -> cell(row, column)).toList(), widths);
    }
    return text.toString();
  }

  private static String cell(Map<String, Object> row, String column) {
    Object value = row.get(column);
    return value == null ? "" : CONTROLS.matcher(value.toString()).replaceAll(" ");
  }

  private static void line(StringBuilder text, List<String> cells, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      line.append(cells.get(i));
      line.append(" ".repeat(widths[i] - cells.get(i).length() + 2));
    }
    text.append(line.toString().stripTrailing()).append('\n');
  }
}
