package dev.millrace.worker.cli;

import dev.millrace.worker.bench.Figure;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The table of a command that measures: on stdout, for people, documents or programs. */
final class BenchTable {

  /** How the table is written. */
  enum Format {
    TEXT,
    MARKDOWN,
    JSON,
    JSONL
  }

  private static final List<String> COLUMNS =
      List.of("benchmark", "measure", "value", "range", "at least", "aim", "verdict", "detail");

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "${COMPLETION-CANDIDATES} in lower case. Default: ${DEFAULT-VALUE}.")
  private Format format = Format.TEXT;

  private final List<Map<String, Object>> rows = new ArrayList<>();

  /** Takes a figure in, and shows it on stderr. */
  void add(String benchmark, Figure figure) {
    Map<String, Object> row = FigureRow.of(benchmark, figure);
    PrintWriter err = spec.commandLine().getErr();
    err.println("  " + FigureRow.line(row));
    err.flush();
    rows.add(row);
  }

  /** Takes in a row that another process has shown. */
  void add(Map<String, Object> row) {
    rows.add(row);
  }

  /** Writes what was taken in. */
  void print() {
    PrintWriter out = spec.commandLine().getOut();
    List<String> columns =
        COLUMNS.stream()
            .filter(column -> rows.stream().anyMatch(row -> row.containsKey(column)))
            .toList();
    switch (format) {
      case TEXT -> out.print(FigureRow.machine() + "\n\n" + TextTable.render(columns, rows));
      case MARKDOWN -> out.print(FigureRow.machine() + "\n\n" + FigureRow.markdown(columns, rows));
      case JSON ->
          Output.document(
              out, OutputFormat.JSON, "", Map.of("machine", FigureRow.machine(), "figures", rows));
      case JSONL -> rows.forEach(row -> Output.document(out, OutputFormat.JSONL, "", row));
    }
    out.flush();
  }
}
