package dev.millrace.worker.cli;

import dev.millrace.worker.ManifestTests;
import dev.millrace.worker.manifest.Manifest;
import dev.millrace.worker.wasm.DeployException;
import dev.millrace.worker.wasm.Engine;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code millrace test}: the manifest's tests, without any broker. */
@Command(
    name = "test",
    description = "Runs the manifest's tests, without any broker. Exit code 1 if one fails.")
final class TestCommand implements Callable<Integer> {

  @Mixin private ManifestArgument manifest = new ManifestArgument();

  @Mixin private Output output = new Output();

  @Override
  public Integer call() {
    Manifest loaded = ManifestLoader.load(manifest.path());
    List<ManifestTests.Result> results;
    try (Engine engine = CommandEngine.open(loaded)) {
      results = ManifestTests.run(loaded, engine);
    } catch (DeployException e) {
      throw new CommandException(ExitCodes.MANIFEST_INVALID, e.getMessage());
    }
    long failed = results.stream().filter(result -> !result.passed()).count();
    output.document(text(results, failed), json(results, failed));
    return failed == 0 ? ExitCodes.DONE : ExitCodes.CHECK_FAILED;
  }

  private static String text(List<ManifestTests.Result> results, long failed) {
    List<String> lines = new ArrayList<>();
    for (ManifestTests.Result result : results) {
      lines.add((result.passed() ? "pass  " : "FAIL  ") + result.test().name());
      result.differences().forEach(difference -> lines.add("      " + difference));
    }
    lines.add((results.size() - failed) + " passed, " + failed + " failed");
    return String.join("\n", lines);
  }

  private static Map<String, Object> json(List<ManifestTests.Result> results, long failed) {
    List<Map<String, Object>> tests = new ArrayList<>();
    for (ManifestTests.Result result : results) {
      Map<String, Object> test = new LinkedHashMap<>();
      test.put("name", result.test().name());
      test.put("function", result.test().function());
      test.put("line", result.test().line());
      test.put("passed", result.passed());
      test.put("differences", result.differences());
      test.put("millis", result.duration().toMillis());
      tests.add(test);
    }
    return Map.of("passed", results.size() - failed, "failed", failed, "tests", tests);
  }
}
