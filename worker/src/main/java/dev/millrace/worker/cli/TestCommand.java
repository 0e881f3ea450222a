package dev.millrace.worker.cli;

import dev.millrace.worker.manifest.Manifest;
import dev.millrace.worker.manifest.TestSpec;
import dev.millrace.worker.testing.JUnitReport;
import dev.millrace.worker.testing.ManifestTests;
import dev.millrace.worker.testing.TestResult;
import dev.millrace.worker.wasm.DeployException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code millrace test}: the manifest's tests, without any broker. */
@Command(
    name = "test",
    description = {
      "Runs the tests of the manifest and of tests/*.yaml beside it, without any broker.",
      "Exit code 1 if one fails, 5 if the filter leaves none."
    })
final class TestCommand implements Callable<Integer> {

  @Mixin private ManifestArgument manifest = new ManifestArgument();

  /** How the results are written. */
  enum Format {
    TEXT,
    JSON,
    JSONL,
    JUNIT
  }

  @Spec private CommandSpec spec;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "text",
      description =
          "${COMPLETION-CANDIDATES} in lower case; junit is JUnit's XML. Default:"
              + " ${DEFAULT-VALUE}.")
  private Format format = Format.TEXT;

  @Option(
      names = "--filter",
      paramLabel = "TEXT",
      description = "Run only tests whose name contains this text, in whatever case.")
  private String filter = "";

  @Option(
      names = "--function",
      paramLabel = "NAME",
      description = "Run only tests of this function. Can be repeated.")
  private List<String> functions = List.of();

  @Option(
      names = "--report",
      paramLabel = "FILE",
      description = "Write the results to this file, too, in JUnit's XML.")
  private @Nullable Path report;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Manifest loaded = ManifestLoader.loadWithTests(manifest.path());
    List<TestSpec> tests = loaded.tests().stream().filter(this::chosen).toList();
    if (tests.isEmpty() && !loaded.tests().isEmpty()) {
      throw new CommandException(
          ExitCodes.NOT_FOUND,
          "none of the " + loaded.tests().size() + " tests is left by --filter and --function");
    }
    List<TestResult> results;
    try {
      results = new ManifestTests(loaded, CommandEngine.options(loaded)).run(tests);
    } catch (DeployException e) {
      throw new CommandException(ExitCodes.MANIFEST_INVALID, e.getMessage());
    }
    if (report != null) {
      Files.writeString(report, JUnitReport.of(results));
    }
    long failed = results.stream().filter(result -> !result.passed()).count();
    write(spec.commandLine().getOut(), results, failed);
    return failed == 0 ? ExitCodes.DONE : ExitCodes.CHECK_FAILED;
  }

  private void write(PrintWriter out, List<TestResult> results, long failed) {
    if (format == Format.JUNIT) {
      out.print(JUnitReport.of(results));
      out.flush();
    } else {
      OutputFormat common = OutputFormat.valueOf(format.name());
      Output.document(out, common, text(results, failed), json(results, failed));
    }
  }

  private boolean chosen(TestSpec test) {
    return test.name().toLowerCase(Locale.ROOT).contains(filter.toLowerCase(Locale.ROOT))
        && (functions.isEmpty() || functions.contains(test.function()));
  }

  private static String text(List<TestResult> results, long failed) {
    List<String> lines = new ArrayList<>();
    for (TestResult result : results) {
      lines.add((result.passed() ? "pass  " : "FAIL  ") + result.test().name());
      if (!result.passed()) {
        lines.add("      at " + result.test().file() + ":" + result.test().line());
      }
      result
          .differences()
          .forEach(difference -> lines.add("      " + difference.replace("\n", "\n      ")));
    }
    lines.add((results.size() - failed) + " passed, " + failed + " failed");
    return String.join("\n", lines);
  }

  private static Map<String, Object> json(List<TestResult> results, long failed) {
    List<Map<String, Object>> tests = new ArrayList<>();
    for (TestResult result : results) {
      Map<String, Object> test = new LinkedHashMap<>();
      test.put("name", result.test().name());
      test.put("function", result.test().function());
      test.put("file", result.test().file());
      test.put("line", result.test().line());
      test.put("passed", result.passed());
      test.put("differences", result.differences());
      test.put("millis", result.duration().toMillis());
      tests.add(test);
    }
    return Map.of("passed", results.size() - failed, "failed", failed, "tests", tests);
  }
}
