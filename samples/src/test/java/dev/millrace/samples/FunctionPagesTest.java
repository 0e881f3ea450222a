package dev.millrace.samples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

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

  @TempDir private Path directory;

  /** A name in backquotes and a colon, then the file in a fence. */
  private static final Pattern FILE =
      Pattern.compile("`([^`\n]+)`:\n\n```[a-z]+\n(.*?)```", Pattern.DOTALL);

  @Test
  void theFunctionInJavaScriptPassesItsTests() throws Exception {
    assertPasses("javascript.md");
  }

  @Test
  void theFunctionInGoPassesItsTests() throws Exception {
    write("go.md");
    Path sdk = GUIDES.getParent().resolveSibling("abi").resolve("guest").resolve("go");
    Files.writeString(
        directory.resolve("go.mod"),
        "module hello\n\ngo 1.21\n\nrequire millrace.dev/go v0.0.0\n\nreplace millrace.dev/go => "
            + sdk
            + "\n");
    build(
        Path.of("").toAbsolutePath().resolve("build-go.sh").toString(),
        directory.toString(),
        directory.resolve("hello.wasm").toString());

    assertPasses("go.md");
  }

  @Test
  void theFunctionInWebAssemblyTextPassesItsTests() throws Exception {
    write("wat.md");
    build(
        "wat2wasm",
        directory.resolve("hello.wat").toString(),
        "-o",
        directory.resolve("hello.wasm").toString());

    assertPasses("wat.md");
  }

  /** Runs the tests of the manifest that a page prints. */
  private void assertPasses(String page) throws IOException, DeployException, InterruptedException {
    write(page);

    ManifestResult read =
        new ManifestReader(
                Map.of(), ModuleCheck.NONE, store -> Optional.empty(), InstantSource.system())
            .read(directory);

    ManifestResult.Loaded loaded =
        assertInstanceOf(ManifestResult.Loaded.class, read, read::toString);
    List<TestResult> results = new ManifestTests(loaded.manifest(), EngineOptions.defaults()).run();
    assertFalse(results.isEmpty());
    results.forEach(result -> assertEquals(List.of(), result.differences()));
  }

  private void write(String page) throws IOException {
    for (MatchResult file : files(page)) {
      Files.writeString(directory.resolve(file.group(1)), file.group(2));
    }
  }

  /** Where a toolchain is not there, what it would build is not tested, and the report says so. */
  private static void build(String... command) throws IOException, InterruptedException {
    Process build;
    try {
      build = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException e) {
      assumeTrue(false, "not run: " + e.getMessage());
      throw e;
    }
    String said = new String(build.getInputStream().readAllBytes(), UTF_8);
    int code = build.waitFor();
    assumeTrue(code != 127, "not run: " + said);
    assertEquals(0, code, said);
  }

  private static List<MatchResult> files(String page) throws IOException {
    return FILE.matcher(Files.readString(GUIDES.resolve(page))).results().toList();
  }
}
