package dev.millrace.worker.wasm.module;

import static dev.millrace.worker.wasm.Guests.event;
import static dev.millrace.worker.wasm.Guests.reply;
import static dev.millrace.worker.wasm.Guests.spec;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.worker.wasm.DeployException;
import dev.millrace.worker.wasm.Engine;
import dev.millrace.worker.wasm.EngineOptions;
import dev.millrace.worker.wasm.Guests;
import dev.millrace.worker.wasm.inspection.ModuleInspector;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Compiled modules on disk. */
class CompileCacheTest {

  @TempDir private Path directory;

  @Test
  void aSecondStartLoadsWhatTheFirstCompiled() throws Exception {
    deployEcho();
    Path file = onlyFile();
    FileTime old = FileTime.from(Instant.parse("2026-01-01T00:00:00Z"));
    Files.setLastModifiedTime(file, old);

    deployEcho();

    assertEquals(old, Files.getLastModifiedTime(onlyFile()), "the entry was not written again");
  }

  @Test
  void aDamagedEntryIsCompiledAgain() throws Exception {
    deployEcho();
    Path file = onlyFile();
    byte[] good = Files.readAllBytes(file);
    byte[] bad = good.clone();
    bad[bad.length / 2] ^= 1;
    for (byte[] damaged : List.of(bad, new byte[0], new byte[10], new byte[100])) {
      Files.write(file, damaged);

      deployEcho();

      assertFalse(CompileCache.in(directory).get(digest()).isEmpty());
    }
  }

  @Test
  void anEntryThatIsWholeButNoCodeIsCompiledAgain() throws Exception {
    CompileCache cache = CompileCache.in(directory);
    cache.put(digest(), "not a jar".getBytes(StandardCharsets.UTF_8));

    deployEcho();
  }

  @Test
  void theDirectoryBelongsToItsOwnerAlone() throws Exception {
    Path shared = Files.createDirectory(directory.resolve("shared"));
    Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwxrwxrwx"));

    CompileCache cache = CompileCache.in(shared);
    cache.put("d", new byte[] {1});

    assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(shared)));
    assertEquals(
        "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(cache.file("d"))));
  }

  @Test
  void keepsWhatWasPutAndLeavesNoTemporaryFile() throws IOException {
    CompileCache cache = CompileCache.in(directory);
    assertEquals(Optional.empty(), cache.get("d"));

    cache.put("d", new byte[] {1, 2, 3});
    cache.put("d", new byte[] {4});

    assertArrayEquals(new byte[] {4}, cache.get("d").orElseThrow());
    onlyFile();
  }

  @Test
  void aDirectoryThatCannotBeMadeIsSaidAtOnce() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));

    assertThrows(UncheckedIOException.class, () -> CompileCache.in(file.resolve("below")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"echo", "table-grow"})
  void aModuleThatIsCachedLooksAsItDoesAsAWhole(String guest) throws Exception {
    try (Engine engine = Engine.open(EngineOptions.defaults().withCacheDirectory(directory))) {
      engine.deploy(spec(guest));
    }

    assertEquals(
        ModuleInspector.ofWholeModules().inspect(spec(guest)),
        ModuleInspector.beside(directory).inspect(spec(guest)));
  }

  @Test
  void lookingBesideACacheThatIsNotThereMakesNone() {
    Path missing = directory.resolve("missing");

    assertTrue(ModuleInspector.beside(missing).inspect(spec("echo")).ok());

    assertTrue(Files.notExists(missing));
  }

  @Test
  void anInterpretedFunctionHasAllItsInstructions() throws Exception {
    deployEcho();

    try (Engine engine = Engine.open(EngineOptions.defaults().withCacheDirectory(directory))) {
      assertEquals("x", reply(engine.deploy(Guests.interpreted(spec("echo"))).invoke(event("x"))));
    }
  }

  private void deployEcho() throws DeployException {
    try (Engine engine = Engine.open(EngineOptions.defaults().withCacheDirectory(directory))) {
      assertEquals("x", reply(engine.deploy(spec("echo")).invoke(event("x"))));
    }
    assertNotEquals(List.of(), files());
  }

  private static String digest() throws IOException {
    return Sha256.hex(Files.readAllBytes(Guests.file("echo")));
  }

  private Path onlyFile() {
    List<Path> files = files();
    assertEquals(1, files.size(), files::toString);
    return files.get(0);
  }

  private List<Path> files() {
    try (Stream<Path> list = Files.list(directory)) {
      return list.toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
