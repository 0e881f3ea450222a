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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the guides in {@code docs/functions} print is what runs: their files, built by their command
 * and run by their manifest. A toolchain that is not here builds nothing, and the report says so.
 */
class FunctionPagesTest {

  private static final Path REPOSITORY = Path.of("").toAbsolutePath().getParent();
  private static final Path GUIDES = REPOSITORY.resolve("docs").resolve("functions");

  /** Where Debian has its crates, and Rust what it needs for a target. */
  private static final Path CRATES = Path.of("/usr/share/cargo/registry");

  private static final Path RUST_TARGET = Path.of("/usr/lib/rustlib/wasm32-wasi");

  /** A paragraph that begins with a file's name, then the file in a fence. */
  private static final Pattern FILE =
      Pattern.compile(
          "^`([^`\n]+)`[:.](?:(?!\n\n).)*\n\n```[a-z]*\n(.*?)```",
          Pattern.DOTALL | Pattern.MULTILINE);

  /** The function's project; the guides take the repository to lie beside it. */
  private Path project;

  private Path repository;

  @BeforeEach
  void lieBesideTheRepository(@TempDir Path directory) throws IOException {
    project = Files.createDirectory(directory.resolve("hello"));
    repository = Files.createSymbolicLink(directory.resolve("millrace"), REPOSITORY);
  }

  @AfterEach
  void removeTheLink() throws IOException {
    Files.delete(repository);
  }

  @Test
  void theFunctionInJavaScriptPassesItsTests() throws Exception {
    write(page("javascript.md"));

    assertPasses();
  }

  @Test
  void theFunctionInRustPassesItsTests() throws Exception {
    assumeTrue(
        Files.isDirectory(CRATES) && Files.isDirectory(RUST_TARGET),
        "not run: there are no Rust, crates and target as Debian packages them");
    // The page says that the target has this name there.
    String page = page("rust.md").replace("wasm32-wasip1", "wasm32-wasi");
    write(page);
    Path config = Files.createDirectory(project.resolve(".cargo")).resolve("config.toml");
    Files.writeString(
        config,
        """
        [source.crates-io]
        replace-with = "debian"
        [source.debian]
        directory = "%s"
        """
            .formatted(CRATES));

    build("RUSTC=/usr/bin/rustc CARGO_NET_OFFLINE=true /usr/bin/" + command(page, "cargo build"));

    assertPasses();
  }

  @Test
  void theProgramInCPassesItsTests() throws Exception {
    assertPassesInC("## A plain program");
  }

  @Test
  void theFunctionInCPassesItsTests() throws Exception {
    assertPassesInC("## A function that calls the worker");
  }

  @Test
  void theFunctionInAssemblyScriptPassesItsTests() throws Exception {
    String page = page("assemblyscript.md");
    write(page);

    build(command(page, "cp "));
    build(command(page, "npx asc").replaceFirst("^npx ", "")); // which would ask the registry

    assertPasses();
  }

  @Test
  void theFunctionInGoPassesItsTests() throws Exception {
    String environment = "PATH=$PATH:/usr/lib/go-1.23/bin GOTOOLCHAIN=local GOPROXY=off ";
    assumeCompiles(
        environment + "GOOS=wasip1 GOARCH=wasm go build",
        "probe.go",
        "package main\n\nfunc main() {}\n");
    String page = page("go.md");
    write(page);

    build(environment + command(page, "GOOS=wasip1"));

    assertPasses();
  }

  @Test
  void theFunctionInWebAssemblyTextPassesItsTests() throws Exception {
    String page = page("wat.md");
    write(page);

    build(command(page, "wat2wasm"));

    assertPasses();
  }

  private void assertPassesInC(String heading) throws Exception {
    assumeCompiles(
        "clang --target=wasm32-wasi",
        "probe.c",
        "#include <stdio.h>\nint main(void) { return puts(\"\") < 0; }\n");
    String page = page("c.md");
    int start = page.indexOf(heading);
    int end = page.indexOf("\n## ", start + 1);
    String section = page.substring(start, end < 0 ? page.length() : end);
    write(section);

    build(command(section, "clang "));

    assertPasses();
  }

  /** A compiler that has no linker, library or target for WebAssembly is not enough. */
  private void assumeCompiles(String compiler, String file, String program) throws Exception {
    Path source = Files.writeString(project.resolveSibling(file), program);
    Ended probe = shell(compiler + " -o ../probe.wasm " + source);
    assumeTrue(probe.exitCode() == 0, "not run: " + probe.said());
  }

  private static String page(String name) throws IOException {
    return Files.readString(GUIDES.resolve(name));
  }

  private void write(String page) throws IOException {
    for (MatchResult match : FILE.matcher(page).results().toList()) {
      Path file = project.resolve(match.group(1));
      Files.createDirectories(file.getParent());
      Files.writeString(file, match.group(2));
    }
  }

  /** The line of a page that begins in a way. */
  private static String command(String page, String beginning) {
    return page.lines().filter(line -> line.startsWith(beginning)).findFirst().orElseThrow();
  }

  private void build(String command) throws IOException, InterruptedException {
    Ended build = shell(command);
    assumeTrue(build.exitCode() != 127, "not run: " + build.said());
    assertEquals(0, build.exitCode(), build.said());
  }

  /** What a command in the project's directory ended with, and all that it wrote. */
  private record Ended(int exitCode, String said) {}

  private Ended shell(String command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder("sh", "-c", command)
            .directory(project.toFile())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    return new Ended(process.waitFor(), said);
  }

  /** Runs the tests of the manifest that was written. */
  private void assertPasses() throws DeployException, InterruptedException {
    ManifestResult read =
        new ManifestReader(
                Map.of(), ModuleCheck.NONE, store -> Optional.empty(), InstantSource.system())
            .read(project);

    ManifestResult.Loaded loaded =
        assertInstanceOf(ManifestResult.Loaded.class, read, read::toString);
    List<TestResult> results = new ManifestTests(loaded.manifest(), EngineOptions.defaults()).run();
    assertFalse(results.isEmpty());
    results.forEach(result -> assertEquals(List.of(), result.differences()));
  }
}
