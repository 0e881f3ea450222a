package dev.millrace.worker.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.worker.bench.Benchmark;
import dev.millrace.worker.bench.Benchmarks;
import dev.millrace.worker.bench.Figure;
import dev.millrace.worker.bench.Goal;
import dev.millrace.worker.bench.Spread;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BenchCommandTest {

  @Test
  void listsTheBenchmarksWithoutRunningAny() {
    Shell shell = Shell.run("bench", "--list");

    assertEquals(ExitCodes.DONE, shell.exitCode());
    assertTrue(shell.out().contains("sandbox"), shell.out());
  }

  @Test
  void namesTheBenchmarksWhenOneIsUnknown() {
    Shell shell = Shell.run("bench", "sandbix");

    assertEquals(ExitCodes.USAGE, shell.exitCode());
    assertTrue(shell.err().contains("no benchmark named 'sandbix'"), shell.err());
    assertTrue(shell.err().contains("sandbox"), shell.err());
  }

  @Test
  void eachBenchmarkHasANameOfItsOwn() {
    Set<String> names = new HashSet<>();
    for (Benchmark each : Benchmarks.all()) {
      assertTrue(names.add(each.name()), each.name());
      assertTrue(each.name().matches("[a-z-]+"), each.name());
    }
  }

  @Test
  void showsAFigureWithItsRangeGoalAndVerdict() {
    Map<String, Object> row =
        FigureRow.of(
            "sandbox",
            Figure.ratio(
                "fresh ÷ reused", Spread.of(1.1, 1.0, 1.3), Goal.atMost(1.15, 1.05), "µs"));

    assertEquals("1.10", row.get("value"));
    assertEquals("1.00–1.30", row.get("range"));
    assertEquals("≤ 1.15", row.get("at least"));
    assertEquals("≤ 1.05", row.get("aim"));
    assertEquals("met", row.get("verdict"));
  }

  @Test
  void saysWhenAGoalIsMissed() {
    Map<String, Object> row =
        FigureRow.of(
            "kafka",
            Figure.of("records", "/s", Spread.of(12_345), Goal.atLeast(20_000, 30_000), ""));

    assertEquals("12,345 /s", row.get("value"));
    assertEquals("missed", row.get("verdict"));
  }

  @Test
  void readsTheRowsThatAnotherProcessHasWritten() {
    Map<String, Object> row =
        FigureRow.of("start", Figure.shown("CPU", "s", Spread.of(0.9, 1.1), "by the clock"));
    StringWriter written = new StringWriter();
    Output.document(new PrintWriter(written, true), OutputFormat.JSONL, "", row);

    assertEquals(row, FigureRow.parse(written.toString()));
  }

  @Test
  void severalBenchmarksAreShownInOneTable() {
    Shell shell = Shell.run("bench", "dispatcher", "deploy", "--quick", "-o", "jsonl");

    List<String> benchmarks =
        shell
            .out()
            .lines()
            .map(FigureRow::parse)
            .map(row -> (String) row.get("benchmark"))
            .toList();
    assertTrue(benchmarks.containsAll(List.of("deploy", "dispatcher")), shell.err());
    assertTrue(
        benchmarks.indexOf("deploy") < benchmarks.indexOf("dispatcher"), "not in their order");
  }

  @Test
  void writesMarkdownAsWell() {
    String table = FigureRow.markdown(List.of("a", "b"), List.of(Map.of("a", 1, "b", "x|y")));

    assertEquals("| a | b |\n|---|---|\n| 1 | x\\|y |\n", table);
  }

  @Test
  void measuresAFunctionOfAManifest() {
    Shell shell =
        bench("function", "-d", "{\"id\": \"o-1\", \"amount\": 100, \"currency\": \"EUR\"}");

    assertEquals(ExitCodes.DONE, shell.exitCode(), shell.err());
    assertTrue(shell.out().contains("\"measure\":\"calls\""), shell.out());
    assertTrue(shell.out().contains("\"measure\":\"latency p99\""), shell.out());
    assertFalse(shell.out().contains("failed"), shell.out());
  }

  @Test
  void saysHowManyCallsOfAFunctionFailed() {
    Shell shell = bench("function", "-d", "no json");

    assertEquals(ExitCodes.DONE, shell.exitCode(), shell.err());
    assertTrue(
        shell.out().contains("\"measure\":\"failed, rejected\",\"value\":\"100 %\""), shell.out());
  }

  private static Shell bench(String... arguments) {
    List<String> all = new ArrayList<>(List.of("bench"));
    all.addAll(List.of(arguments));
    all.addAll(
        List.of("charge", "-f", "../samples/quickstart", "--for", "300ms", "--warm-up", "1ms"));
    all.addAll(List.of("--threads", "1", "-o", "jsonl"));
    return Shell.run(all.toArray(String[]::new));
  }
}
