package dev.millrace.worker.wasm.wasi;

import static dev.millrace.worker.wasm.Guests.event;
import static dev.millrace.worker.wasm.Guests.failure;
import static dev.millrace.worker.wasm.Guests.reply;
import static dev.millrace.worker.wasm.Guests.spec;
import static dev.millrace.worker.wasm.Guests.with;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.triggers.FailureKind;
import dev.millrace.worker.wasm.DeployException;
import dev.millrace.worker.wasm.Engine;
import dev.millrace.worker.wasm.EngineOptions;
import dev.millrace.worker.wasm.WasmFunction;
import dev.millrace.worker.wasm.files.Descriptors;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import dev.millrace.worker.wasm.spec.FunctionSpec.InstanceMode;
import dev.millrace.worker.wasm.spec.Grants;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Files as a C program finds them, from the host's directory on. */
class FilesTest {

  @TempDir private Path directory;
  private Path data;
  private final Engine engine = Engine.open(EngineOptions.defaults());

  @BeforeEach
  void write() throws IOException {
    data = Files.createDirectories(directory.resolve("data"));
    Files.createDirectories(data.resolve("deep/er"));
    Files.writeString(data.resolve("greeting.txt"), "hello");
    Files.writeString(data.resolve("deep/er/öl.txt"), "oil");
  }

  @AfterEach
  void close() {
    engine.close();
  }

  private FunctionSpec files(InstanceMode mode) {
    FunctionSpec spec = with(spec("files"), Grants.NONE.withFiles(Map.of("/data", data)));
    return with(with(spec, spec.limits().withScratch(1000)), mode);
  }

  private static void expect(WasmFunction function, String commands, String... answers) {
    assertEquals(
        String.join("\n", answers) + "\n", reply(function.invoke(event(commands))), commands);
  }

  @ParameterizedTest
  @EnumSource(InstanceMode.class)
  void aProgramUsesFilesAsItIsUsedTo(InstanceMode mode) throws DeployException {
    WasmFunction function = engine.deploy(files(mode));

    for (int i = 0; i < 3; i++) {
      expect(
          function,
          """
          start
          cat /data/greeting.txt
          cat /data/deep/../deep/er/öl.txt
          size /data/greeting.txt
          list /data
          list /data/deep/er
          cat /data/no.txt
          cat /etc/passwd
          cat /data/../../etc/passwd
          put /data/new.txt x
          add /data/greeting.txt x
          remove /data/greeting.txt
          mkdir /tmp/d
          put /tmp/d/f one
          add /tmp/d/f  two
          cat /tmp/d/f
          list /tmp
          rename /tmp/d/f /tmp/g
          remove /tmp/d
          cat /tmp/g
          remove /tmp/g
          list /tmp""",
          "hello",
          "hello",
          "oil",
          "5",
          "./ ../ deep/ greeting.txt ",
          "./ ../ öl.txt ",
          "No such file or directory",
          "Capabilities insufficient",
          "Operation not permitted",
          "Read-only file system",
          "Read-only file system",
          "Read-only file system",
          "ok",
          "ok",
          "ok",
          "one two",
          "./ ../ d/ ",
          "ok",
          "ok",
          "one two",
          "ok",
          "./ ../ ");
    }
  }

  @Test
  void withoutGrantsThereIsNothing() throws DeployException {
    WasmFunction function = engine.deploy(spec("files"));

    expect(
        function,
        "start\ncat /data/greeting.txt\nput /tmp/x y\nlist /",
        "",
        "Capabilities insufficient",
        "Capabilities insufficient",
        "Capabilities insufficient");
  }

  @Test
  void aFreshEventFindsTheScratchDirectoryEmpty() throws DeployException {
    WasmFunction function = engine.deploy(files(InstanceMode.FRESH));

    expect(function, "put /tmp/x y\nlist /tmp", "ok", "./ ../ x ");
    expect(function, "list /tmp", "./ ../ ");
  }

  @Test
  void aReusedInstanceKeepsWhatItWroteUntilItIsThrownAway() throws DeployException {
    WasmFunction function = engine.deploy(files(InstanceMode.REUSE));

    expect(function, "put /tmp/x y", "ok");
    expect(function, "add /tmp/x z\ncat /tmp/x", "ok", "yz");
    failure(FailureKind.TRAP, function.invoke(event("trap")));
    expect(function, "list /tmp", "./ ../ ");
  }

  @Test
  void whatAnEventLeavesOpenIsClosed() throws DeployException {
    WasmFunction function = engine.deploy(files(InstanceMode.REUSE));

    expect(function, "leave-open /data/greeting.txt\nread-on", "ok", "ok");
    expect(function, "leave-open /data/greeting.txt", "ok");
    expect(function, "read-on", "Bad file descriptor");
  }

  @ParameterizedTest
  @EnumSource(InstanceMode.class)
  void aTrapWithFilesOpenLeavesNone(InstanceMode mode) throws DeployException {
    WasmFunction function = engine.deploy(files(mode));

    for (int i = 0; i < Descriptors.MOST + 1; i++) {
      failure(FailureKind.TRAP, function.invoke(event("leave-open /data/greeting.txt\ntrap")));
    }
    expect(function, "cat /data/greeting.txt", "hello");
  }

  @Test
  void theScratchDirectoryHasItsSize() throws DeployException {
    WasmFunction function = engine.deploy(files(InstanceMode.FRESH));
    String half = "x".repeat(500);

    expect(
        function,
        "put /tmp/a " + half + "\nput /tmp/b " + "x".repeat(450) + "\nsize /tmp/b",
        "ok",
        "ok",
        "450");
    FunctionSpec small = files(InstanceMode.FRESH);
    function.swap(with(small, small.limits().withScratch(400)));
    expect(function, "put /tmp/a " + half + "\nsize /tmp/a", "No space left on device", "400");
  }

  @Test
  void changesOnTheHostNeedADeployment() throws Exception {
    WasmFunction function = engine.deploy(files(InstanceMode.FRESH));
    String before = function.version();

    Files.writeString(data.resolve("greeting.txt"), "good morning");
    expect(function, "cat /data/greeting.txt", "hello");
    function.swap(files(InstanceMode.FRESH));

    expect(function, "start\ncat /data/greeting.txt", "good morning", "good morning");
    assertNotEquals(before, function.version());
  }

  @Test
  void aLinkThatLeadsOutIsRefused() throws IOException {
    Files.writeString(directory.resolve("secret"), "s");
    Files.createSymbolicLink(data.resolve("deep/link"), Path.of("../../secret"));

    String message =
        assertThrows(DeployException.class, () -> engine.deploy(files(InstanceMode.FRESH)))
            .getMessage();

    assertTrue(
        message.contains("data/deep/link is a link that leads out of the directory; remove it"),
        message);
  }

  @Test
  void linksThatStayWithinAreFollowedAsKubernetesMakesThem() throws Exception {
    Path volume = Files.createDirectories(data.resolve("..2026_03_01"));
    Files.writeString(volume.resolve("key"), "value");
    Files.createSymbolicLink(data.resolve("..data"), Path.of("..2026_03_01"));
    Files.createSymbolicLink(data.resolve("key"), Path.of("..data/key"));
    WasmFunction function = engine.deploy(files(InstanceMode.FRESH));

    expect(function, "cat /data/key\nlist /data", "value", "./ ../ deep/ greeting.txt key ");
  }
}
