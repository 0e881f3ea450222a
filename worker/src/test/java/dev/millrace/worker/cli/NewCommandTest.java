package dev.millrace.worker.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.worker.manifest.ManifestReader;
import dev.millrace.worker.manifest.ManifestResult;
import dev.millrace.worker.manifest.ModuleCheck;
import dev.millrace.worker.scaffold.Template;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every template is true: it lints, and where its tools are here it builds and passes its tests.
 */
class NewCommandTest {

  private static final String HOME = "millrace.home";

  @TempDir private Path directory;
  @TempDir private Path probe;

  private String homeBefore;

  @BeforeEach
  void findTheGuests() {
    homeBefore = System.getProperty(HOME);
    System.setProperty(HOME, Path.of("..", "abi").toAbsolutePath().normalize().toString());
  }

  @AfterEach
  void restoreHome() {
    if (homeBefore == null) {
      System.clearProperty(HOME);
    } else {
      System.setProperty(HOME, homeBefore);
    }
  }

  static List<String> templates() {
    return Template.all().stream().map(Template::name).toList();
  }

  @ParameterizedTest
  @MethodSource("templates")
  void writesAManifestWithoutAProblem(String template) {
    Path project = directory.resolve("my-project");

    Shell shell = Shell.run("new", project.toString(), "--template", template);

    assertEquals(ExitCodes.DONE, shell.exitCode(), shell.err());
    ManifestResult result =
        new ManifestReader(
                Map.of(), ModuleCheck.UNBUILT, disk -> Optional.empty(), InstantSource.system())
            .withTestFiles()
            .read(project);
    assertEquals(List.of(), result.problems());
    ManifestResult.Loaded loaded = assertInstanceOf(ManifestResult.Loaded.class, result);
    assertEquals("my-project", loaded.manifest().app().name());
    assertEquals(2, loaded.manifest().tests().size());
    assertEquals(
        template.endsWith("-js") ? List.of() : List.of("hello"),
        List.copyOf(loaded.manifest().builds().keySet()));
  }

  @ParameterizedTest
  @CsvSource({
    "kafka-rust, RUST",
    "streams-c, C",
    "cron-command-c, C",
    "redis-go, GO",
    "redis-assemblyscript, ASSEMBLYSCRIPT",
    "list-wat, WAT",
    "kafka-js, JAVASCRIPT"
  })
  void buildsAndPassesItsTestsWhereItsToolsAre(String template, GuestLanguage tools)
      throws Exception {
    tools.assumeHere(probe);
    Path project = directory.resolve("project");
    assertEquals(
        ExitCodes.DONE, Shell.run("new", project.toString(), "--template", template).exitCode());

    Shell build = Shell.run("build", "-f", project.toString());
    Shell test = Shell.run("test", project.toString());

    assertEquals(ExitCodes.DONE, build.exitCode(), build.err());
    assertEquals(ExitCodes.DONE, test.exitCode(), test.out() + test.err());
    assertTrue(test.out().endsWith("2 passed, 0 failed\n"), test.out());
    assertEquals(ExitCodes.DONE, Shell.run("lint", project.toString()).exitCode());
  }

  @Test
  void listsTheTemplates() {
    Shell shell = Shell.run("new", "--list");

    assertEquals(ExitCodes.DONE, shell.exitCode());
    templates().forEach(name -> assertTrue(shell.out().contains("\n" + name + " "), name));
  }

  @Test
  void refusesToWriteOverAnything() throws IOException {
    Files.writeString(directory.resolve("precious"), "mine");

    Shell shell = Shell.run("new", directory.toString(), "--template", "kafka-wat");

    assertEquals(ExitCodes.REFUSED, shell.exitCode());
    assertEquals(Map.of("precious", "mine"), files(directory));
  }

  @Test
  void refusesATemplateAndANameThatCannotBe() {
    String project = directory.resolve("project").toString();

    assertEquals(
        ExitCodes.NOT_FOUND, Shell.run("new", project, "--template", "kafka-cobol").exitCode());
    assertEquals(
        ExitCodes.USAGE, Shell.run("new", directory.resolve("my project").toString()).exitCode());
    assertEquals(ExitCodes.USAGE, Shell.run("new").exitCode());
    assertTrue(Files.notExists(Path.of(project)));
  }

  @Test
  void copiesTheSdkAndNothingThatMadeIt() throws IOException {
    Path project = directory.resolve("project");
    Shell.run("new", project.toString(), "--template", "cron-rust");

    List<String> names = new ArrayList<>(files(project).keySet());

    assertTrue(
        names.containsAll(
            List.of(
                ".gitignore",
                "README.md",
                "hello/Cargo.toml",
                "hello/src/lib.rs",
                "millrace.yaml",
                "sdk/rust/Cargo.toml",
                "sdk/rust/src/lib.rs",
                "tests/hello.yaml")),
        names::toString);
    assertTrue(
        names.stream()
            .noneMatch(name -> name.contains("template") || name.contains("function.yaml")),
        names::toString);
  }

  @Test
  void beginsWithAModuleThatIsThereAndGrantsWhatItImports() throws IOException {
    Path module = Path.of("src/test/resources/wasm/seller.wasm");
    Path project = directory.resolve("shop");

    Shell shell =
        Shell.run(
            "new",
            project.toString(),
            "--from-existing",
            module.toString(),
            "--trigger",
            "streams");

    assertEquals(ExitCodes.DONE, shell.exitCode(), shell.err());
    String manifest = Files.readString(project.resolve("millrace.yaml"));
    assertTrue(
        manifest.contains(
            """
              seller:
                wasm: seller.wasm
                allow: { publish: ["cache/stream:greetings"], once: true, kv: [default] }
                # it imports http: name the origins that it may call under allow.http
            """),
        manifest);
    Shell lint = Shell.run("lint", project.toString());
    assertEquals(ExitCodes.DONE, lint.exitCode(), lint.out());
  }

  @Test
  void doesNotBeginWithWhatCannotRun() {
    Path project = directory.resolve("shop");
    String simd = Path.of("src/test/resources/wasm/simd.wasm").toString();

    assertEquals(
        ExitCodes.MANIFEST_INVALID,
        Shell.run("new", project.toString(), "--from-existing", simd).exitCode());
    assertEquals(
        ExitCodes.NOT_FOUND,
        Shell.run("new", project.toString(), "--from-existing", "none.wasm").exitCode());
    assertTrue(Files.notExists(project));
  }

  private static Map<String, String> files(Path directory) throws IOException {
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> walk = Files.walk(directory)) {
      for (Path file : walk.filter(Files::isRegularFile).toList()) {
        files.put(
            directory.relativize(file).toString(),
            Files.readString(file, StandardCharsets.ISO_8859_1));
      }
    }
    return files;
  }
}
