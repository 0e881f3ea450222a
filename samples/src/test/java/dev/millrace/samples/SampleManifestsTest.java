package dev.millrace.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.worker.manifest.Manifest;
import dev.millrace.worker.manifest.ManifestReader;
import dev.millrace.worker.manifest.ManifestResult;
import dev.millrace.worker.manifest.ModuleCheck;
import dev.millrace.worker.wasm.Engine;
import dev.millrace.worker.wasm.EngineOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The samples' manifests, and those that the guides print, have nothing wrong with them. */
class SampleManifestsTest {

  private static final Path SAMPLES = Path.of("").toAbsolutePath();
  private static final Path GUIDES = SAMPLES.resolveSibling("docs").resolve("functions");
  private static final Pattern YAML = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL);
  private static final Pattern MODULE = Pattern.compile("(?:wasm|script): ([^ ,}]+)");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "quickstart",
        "echo",
        "split",
        "foreign",
        "orders/rust",
        "orders/c",
        "orders/assemblyscript",
        "orders/javascript"
      })
  void aSampleHasNothingWrongWithIt(String sample) {
    try (Engine engine = Engine.open(EngineOptions.defaults())) {
      ManifestReader reader =
          reader().withTestFiles().withModuleCheck(spec -> engine.inspect(spec).problems());

      Manifest manifest = load(reader, SAMPLES.resolve(sample));

      for (String function : manifest.functions().keySet()) {
        assertTrue(
            manifest.tests().stream().anyMatch(test -> test.function().equals(function)),
            () -> "no test for function '" + function + "'");
      }
    }
  }

  static Stream<Path> guides() throws IOException {
    try (Stream<Path> files = Files.list(GUIDES)) {
      return files.sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("guides")
  void aGuidePrintsManifestsThatCanBeUsed(Path guide, @TempDir Path directory) throws IOException {
    List<String> manifests =
        YAML.matcher(Files.readString(guide)).results().map(match -> match.group(1)).toList();
    assertTrue(!manifests.isEmpty());
    for (String manifest : manifests) {
      Files.writeString(directory.resolve(ManifestReader.FILE_NAME), manifest);
      for (String module : MODULE.matcher(manifest).results().map(m -> m.group(1)).toList()) {
        Files.createDirectories(directory.resolve(module).getParent());
        Files.write(directory.resolve(module), new byte[0]);
      }
      load(reader(), directory);
    }
  }

  /** Whether the disk under a store stays depends on where this runs. */
  private static ManifestReader reader() {
    return new ManifestReader(
        Map.of(), ModuleCheck.NONE, store -> Optional.empty(), InstantSource.system());
  }

  private static Manifest load(ManifestReader reader, Path directory) {
    ManifestResult result = reader.read(directory);
    assertEquals(List.of(), result.problems());
    return assertInstanceOf(ManifestResult.Loaded.class, result).manifest();
  }
}
