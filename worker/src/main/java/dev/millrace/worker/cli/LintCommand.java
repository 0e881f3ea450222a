package dev.millrace.worker.cli;

import dev.millrace.worker.manifest.ManifestResult;
import dev.millrace.worker.manifest.Problem;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code millrace lint}: everything that is wrong with a manifest and its modules. */
@Command(
    name = "lint",
    description = "Checks a manifest and its modules, and prints every problem at once.")
final class LintCommand implements Callable<Integer> {

  @Mixin private ManifestArgument manifest = new ManifestArgument();

  @Mixin private Output output = new Output();

  @Override
  public Integer call() {
    ManifestResult result = ManifestLoader.readWithTests(manifest.path());
    List<Problem> problems = result.problems();
    output.document(
        problems.isEmpty() ? "no problems" : ManifestLoader.render(problems),
        Map.of("problems", problems.stream().map(LintCommand::json).toList()));
    return result instanceof ManifestResult.Loaded ? ExitCodes.DONE : ExitCodes.MANIFEST_INVALID;
  }

  private static Map<String, Object> json(Problem problem) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("file", problem.file());
    json.put("line", problem.line());
    json.put("column", problem.column());
    json.put("rule", problem.rule().id());
    json.put("severity", problem.severity().name().toLowerCase(Locale.ROOT));
    json.put("message", problem.message());
    return json;
  }
}
