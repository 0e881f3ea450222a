package dev.millrace.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.millrace.worker.manifest.ManifestReader;
import dev.millrace.worker.manifest.ManifestResult;
import dev.millrace.worker.manifest.ModuleCheck;
import dev.millrace.worker.testing.ManifestTests;
import dev.millrace.worker.testing.TestResult;
import dev.millrace.worker.wasm.DeployException;
import dev.millrace.worker.wasm.EngineOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the guides in {@code docs/functions} print is what runs. */
class FunctionPagesTest {

  private static final Path GUIDES =
      Path.of("").toAbsolutePath().resolveSibling("docs").resolve("functions");

  /** A name in backquotes and a colon, then the file in a fence. */
  private static final Pattern FILE =
      Pattern.compile("`([^`\n]+)`:\n\n```[a-z]+\n(.*?)```", Pattern.DOTALL);

  @Test
  void theFunctionInJavaScriptPassesItsTests(@TempDir Path directory)
      throws IOException, DeployException, InterruptedException {
    for (MatchResult file : files("javascript.md")) {
      Files.writeString(directory.resolve(file.group(1)), file.group(2));
    }

    ManifestResult read =
        new ManifestReader(
                Map.of(), ModuleCheck.NONE, store -> Optional.empty(), InstantSource.system())
            .read(directory);

    ManifestResult.Loaded loaded =
        assertInstanceOf(ManifestResult.Loaded.class, read, read::toString);
    List<TestResult> results =
        new ManifestTests(loaded.manifest(), EngineOptions.defaults()).run();
    assertFalse(results.isEmpty());
    results.forEach(result -> assertEquals(List.of(), result.differences()));
  }

  private static List<MatchResult> files(String page) throws IOException {
    return FILE.matcher(Files.readString(GUIDES.resolve(page))).results().toList();
  }
}
