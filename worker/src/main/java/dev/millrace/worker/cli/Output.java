package dev.millrace.worker.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.json.JsonMapper;

/** The output of a command that answers with data: on stdout, for people or for programs. */
final class Output {

  private static final ObjectWriter PRETTY = JsonMapper.shared().writerWithDefaultPrettyPrinter();
  private static final ObjectWriter LINE = JsonMapper.shared().writer();

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "${COMPLETION-CANDIDATES} in lower case. Default: ${DEFAULT-VALUE}.")
  private OutputFormat format = OutputFormat.TEXT;

  /** Writes rows: as a table for people, or as JSON objects. */
  void rows(List<String> columns, List<Map<String, Object>> rows) {
    switch (format) {
      case TEXT -> out().print(TextTable.render(columns, rows));
      case JSON -> out().println(PRETTY.writeValueAsString(rows));
      case JSONL -> rows.forEach(row -> out().println(LINE.writeValueAsString(row)));
    }
    out().flush();
  }

  /** Writes one document: the text for people, or the JSON object. */
  void document(String text, Map<String, Object> json) {
    document(out(), format, text, json);
  }

  /** The same for a command that has formats of its own beside these. */
  static void document(
      PrintWriter out, OutputFormat format, String text, Map<String, Object> json) {
    switch (format) {
      case TEXT -> out.println(text);
      case JSON -> out.println(PRETTY.writeValueAsString(json));
      case JSONL -> out.println(LINE.writeValueAsString(json));
    }
    out.flush();
  }

  PrintWriter out() {
    return spec.commandLine().getOut();
  }
}
