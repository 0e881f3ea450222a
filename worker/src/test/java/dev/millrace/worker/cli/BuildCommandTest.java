package dev.millrace.worker.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code millrace build} runs the manifest's commands and judges what they wrote. */
class BuildCommandTest {

  private static final JsonMapper JSON = JsonMapper.shared();
  private static final Path ECHO = Path.of("src/test/resources/wasm/echo.wasm").toAbsolutePath();

  @TempDir private Path directory;

  @Test
  void buildsAModuleThatWasNotThere() throws IOException {
    function("echo", "echo compiling; cp " + ECHO + " echo.wasm");

    Shell shell = build("-o", "json");

    assertEquals(ExitCodes.DONE, shell.exitCode(), shell.err());
    assertEquals("echo | compiling\n", shell.err());
    JsonNode built = JSON.readTree(shell.out()).get(0);
    assertEquals("echo", built.get("function").stringValue());
    assertEquals("millrace", built.get("abi").stringValue());
    assertEquals(Files.size(ECHO), built.get("bytes").longValue());
    assertEquals(64, built.get("digest").stringValue().length());
  }

  @Test
  void namesThePackageThatIsMissing() throws IOException {
    function("echo", "echo 'sh: 1: wat2wasm: not found'; exit 127");

    Shell shell = build();

    assertEquals(ExitCodes.CHECK_FAILED, shell.exitCode());
    assertTrue(
        shell.err().contains("function 'echo': the build ended with exit code 127"), shell.err());
    assertTrue(shell.err().contains("apt install wabt"), shell.err());
  }

  @Test
  void failsIfTheCommandWritesAnotherFile() throws IOException {
    function("echo", "true");

    Shell shell = build();

    assertEquals(ExitCodes.CHECK_FAILED, shell.exitCode());
    assertTrue(shell.err().contains("ended well but wrote no"), shell.err());
  }

  @Test
  void failsIfTheModuleCannotBeDeployed() throws IOException {
    function("echo", "printf nonsense > echo.wasm");

    Shell shell = build();

    assertEquals(ExitCodes.CHECK_FAILED, shell.exitCode());
    assertTrue(shell.err().contains("is no WebAssembly module"), shell.err());
  }

  @Test
  void buildsOnlyWhatIsNamedAndNothingOfAnUnknownName() throws IOException {
    manifest(
        """
          one: { wasm: one.wasm, build: { command: "cp %1$s one.wasm" } }
          two: { wasm: two.wasm, build: { command: "cp %1$s two.wasm" } }
          made: { wasm: one.wasm }
        """
            .formatted(ECHO));

    assertEquals(ExitCodes.DONE, build("one").exitCode());
    assertTrue(Files.exists(directory.resolve("one.wasm")));
    assertTrue(Files.notExists(directory.resolve("two.wasm")));
    assertEquals(ExitCodes.NOT_FOUND, build("tow").exitCode());
    Shell made = build("made");
    assertEquals(ExitCodes.NOT_FOUND, made.exitCode());
    assertEquals("function 'made' has no build.command\n", made.err());
  }

  @Test
  void aCommandThatFunctionsShareRunsOnceAndInItsDirectory() throws IOException {
    Files.createDirectory(directory.resolve("src"));
    String build = "{ workdir: src, command: \"echo run >> runs; cp " + ECHO + " both.wasm\" }";
    manifest(
        """
          one: { wasm: src/both.wasm, build: %1$s }
          two: { wasm: src/both.wasm, build: %1$s }
        """
            .formatted(build));

    Shell shell = build();

    assertEquals(ExitCodes.DONE, shell.exitCode(), shell.err());
    assertEquals("run\n", Files.readString(directory.resolve("src/runs")));
    assertTrue(shell.out().contains("\none ") && shell.out().contains("\ntwo "), shell.out());
  }

  @Test
  void withNothingToBuildItIsDone() throws IOException {
    Files.copy(ECHO, directory.resolve("echo.wasm"));
    manifest("  echo: { wasm: echo.wasm }\n");

    Shell shell = build();

    assertEquals(ExitCodes.DONE, shell.exitCode(), shell.err());
    assertTrue(shell.err().startsWith("nothing to build"), shell.err());
  }

  private Shell build(String... arguments) {
    String[] all = new String[arguments.length + 3];
    all[0] = "build";
    all[1] = "-f";
    all[2] = directory.toString();
    System.arraycopy(arguments, 0, all, 3, arguments.length);
    return Shell.run(all);
  }

  private void function(String name, String command) throws IOException {
    manifest(
        "  %s: { wasm: %s.wasm, build: { command: \"%s\" } }\n".formatted(name, name, command));
  }

  private void manifest(String functions) throws IOException {
    Files.writeString(directory.resolve("millrace.yaml"), "millrace: 1\nfunctions:\n" + functions);
  }
}
