package dev.millrace.worker.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Additions to a manifest are right or are not made. */
class AddCommandTest {

  private static final String HOME = "millrace.home";

  private static final String MANIFEST =
      """
      # ours
      millrace: 1
      app: { name: shop }
      functions:
        a: { wasm: a.wasm }
        # the next one goes here

      # what runs
      triggers:
        t: { cron: { schedule: "* * * * *" }, function: a }
      """;

  @TempDir private Path directory;
  @TempDir private Path probe;

  private String homeBefore;
  private Path manifest;

  @BeforeEach
  void beginWithAManifest() throws IOException {
    homeBefore = System.getProperty(HOME);
    System.setProperty(HOME, Path.of("..", "abi").toAbsolutePath().normalize().toString());
    manifest = Files.writeString(directory.resolve("millrace.yaml"), MANIFEST);
  }

  @AfterEach
  void restoreHome() {
    if (homeBefore == null) {
      System.clearProperty(HOME);
    } else {
      System.setProperty(HOME, homeBefore);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "rust, charge, RUST",
    "rust, 2nd.charge-it, RUST",
    "c, say-hello, C",
    "command-c, charge, C",
    "go, 2nd.charge-it, GO",
    "assemblyscript, charge, ASSEMBLYSCRIPT",
    "wat, charge, WAT",
    "js, charge, JAVASCRIPT"
  })
  void addsAFunctionThatBuildsAndPassesItsTests(String language, String name, GuestLanguage tools)
      throws Exception {
    Shell add = add("function", name, "--language", language);
    assertEquals(ExitCodes.DONE, add.exitCode(), add.err());
    Shell second = add("function", name + "2", "--language", language);
    assertEquals(ExitCodes.DONE, second.exitCode(), second.err());
    assertEquals(ExitCodes.REFUSED, add("function", name, "--language", language).exitCode());

    tools.assumeHere(probe);
    Files.copy(Path.of("src/test/resources/wasm/seller.wasm"), directory.resolve("a.wasm"));
    Shell build = Shell.run("build", "-f", directory.toString());
    Shell test = Shell.run("test", directory.toString());

    assertEquals(ExitCodes.DONE, build.exitCode(), build.err());
    assertEquals(ExitCodes.DONE, test.exitCode(), test.out() + test.err());
    assertTrue(test.out().endsWith("4 passed, 0 failed\n"), test.out());
    assertTrue(Files.isDirectory(directory.resolve(name)));
  }

  @Test
  void addsAModuleWithTheGrantsThatItNeeds() throws IOException {
    Shell add = add("function", "sell", "--from-existing", "src/test/resources/wasm/seller.wasm");

    assertEquals(ExitCodes.DONE, add.exitCode(), add.err());
    assertEquals(
        MANIFEST.replace(
            "goes here\n",
            """
            goes here
              sell:
                wasm: sell.wasm
                allow: { once: true, kv: [default] }
                # it imports publish: name its destinations under allow.publish
                # it imports http: name the origins that it may call under allow.http
            """),
        Files.readString(manifest));
    assertTrue(Files.exists(directory.resolve("sell.wasm")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--kafka | orders | kafka: { connection: events, topics: [orders] }",
        "--redis | cache:x | redis: { connection: cache, channels: [\"cache:x\"] }",
        "--streams | orders | redis: { connection: cache, stream: orders }",
        "--list | orders | redis: { connection: cache, list: orders }",
        "--cron | */5 * * * * | cron: { schedule: \"*/5 * * * *\" }"
      })
  void addsATriggerAndTheFirstConnectionOfItsKind(String option, String read, String source)
      throws IOException {
    for (String name : List.of("first", "second")) {
      Shell add = add("trigger", name, option, read, "--function", "a");

      assertEquals(ExitCodes.DONE, add.exitCode(), add.err());
      String entry = "  " + name + ":\n    " + source + "\n    function: a\n";
      assertTrue(Files.readString(manifest).contains(entry), Files.readString(manifest));
    }
    String added = Files.readString(manifest);
    assertTrue(added.startsWith(MANIFEST), added);
    assertEquals(option.equals("--cron") ? 1 : 2, added.split("\nconnections:", -1).length);
  }

  @Test
  void leavesTheFileAloneIfTheResultWouldBeWrong() throws IOException {
    Shell trigger = add("trigger", "new", "--kafka", "orders", "--function", "b");

    assertEquals(ExitCodes.MANIFEST_INVALID, trigger.exitCode());
    assertTrue(trigger.err().contains("no function named 'b'"), trigger.err());
    assertEquals(
        ExitCodes.REFUSED, add("trigger", "t", "--list", "x", "--function", "a").exitCode());
    assertEquals(ExitCodes.REFUSED, add("function", "a", "--language", "js").exitCode());
    assertEquals(ExitCodes.NOT_FOUND, add("function", "b", "--language", "cobol").exitCode());
    assertEquals(ExitCodes.USAGE, add("function", "b: c", "--language", "js").exitCode());
    assertEquals(ExitCodes.USAGE, add("function", "b").exitCode());
    assertEquals(ExitCodes.USAGE, add("trigger", "b", "--function", "a").exitCode());
    assertEquals(
        ExitCodes.USAGE,
        add("trigger", "b", "--list", "x", "--redis", "y", "--function", "a").exitCode());
    Files.createDirectory(directory.resolve("taken"));
    assertEquals(ExitCodes.REFUSED, add("function", "taken", "--language", "js").exitCode());
    Files.delete(directory.resolve("taken"));

    assertEquals(MANIFEST, Files.readString(manifest));
    assertEquals(List.of("millrace.yaml"), names());
  }

  @Test
  void addsToAManifestThatWasWrongBefore() throws IOException {
    String wrong = MANIFEST.replace("function: a", "function: charge").replace("app:", "ap:");
    Files.writeString(manifest, wrong);

    Shell add = add("trigger", "new", "--cron", "0 3 * * *", "--function", "a");

    assertEquals(ExitCodes.DONE, add.exitCode(), add.err());
    assertTrue(Files.readString(manifest).startsWith(wrong));
  }

  @Test
  void showsAFileThatIsNoYaml() throws IOException {
    Files.writeString(manifest, "millrace: 1\nfunctions:\n\ta: { wasm: a.wasm }\n");

    Shell add = add("trigger", "new", "--cron", "0 3 * * *", "--function", "a");

    assertEquals(ExitCodes.MANIFEST_INVALID, add.exitCode());
    assertTrue(add.err().contains("millrace.yaml:3:"), add.err());
  }

  @Test
  void asksWhichOfSeveralConnections() throws IOException {
    String two =
        MANIFEST
            + "connections:\n"
            + "  x: { kafka: { bootstrap: \"h:1\" } }\n"
            + "  y: { kafka: { bootstrap: \"h:2\" } }\n";
    Files.writeString(manifest, two);

    Shell unclear = add("trigger", "new", "--kafka", "orders", "--function", "a");
    Shell clear =
        add("trigger", "new", "--kafka", "orders", "--function", "a", "--connection", "y");

    assertEquals(ExitCodes.USAGE, unclear.exitCode());
    assertTrue(unclear.err().contains("--connection: x, y"), unclear.err());
    assertEquals(ExitCodes.DONE, clear.exitCode(), clear.err());
  }

  @Test
  void onlyShowsWhatItWouldDoInADryRun() throws IOException {
    Shell trigger = add("trigger", "new", "--list", "x", "--function", "a", "--dry-run");
    Shell function = add("function", "new", "--language", "js", "--dry-run");

    assertEquals(ExitCodes.DONE, trigger.exitCode(), trigger.err());
    assertTrue(
        trigger.out().contains("\n+connections:\n+  cache:\n")
            && trigger.out().contains("\n+  new:\n+    redis: { connection: cache, list: x }\n"),
        trigger.out());
    assertTrue(function.out().contains("\n+  new:\n+    script: new/new.js\n"), function.out());
    assertEquals(MANIFEST, Files.readString(manifest));
    assertEquals(List.of("millrace.yaml"), names());
  }

  @Test
  void keepsThePermissionsOfTheFile() throws IOException {
    Files.setPosixFilePermissions(manifest, PosixFilePermissions.fromString("rw-rw-r--"));

    add("trigger", "new", "--cron", "0 3 * * *", "--function", "a");

    assertNotEquals(MANIFEST, Files.readString(manifest));
    assertEquals(
        "rw-rw-r--", PosixFilePermissions.toString(Files.getPosixFilePermissions(manifest)));
    assertEquals(List.of("millrace.yaml"), names());
  }

  private Shell add(String... arguments) {
    List<String> all = new ArrayList<>(List.of("add"));
    all.addAll(List.of(arguments));
    all.addAll(List.of("-f", directory.toString()));
    return Shell.run(all.toArray(String[]::new));
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
