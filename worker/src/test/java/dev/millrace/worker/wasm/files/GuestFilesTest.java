package dev.millrace.worker.wasm.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.worker.wasm.module.ModuleFile;
import dev.millrace.worker.wasm.spec.Grants;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is read of the host's directories, and what is refused. */
class GuestFilesTest {

  @TempDir private Path directory;
  private Path data;

  @BeforeEach
  void write() throws IOException {
    data = Files.createDirectories(directory.resolve("data"));
    Files.createDirectories(data.resolve("deep/er"));
    Files.writeString(data.resolve("greeting.txt"), "hello");
    Files.writeString(data.resolve("deep/er/öl.txt"), "oil");
  }

  @Test
  void theVersionStandsForContentsAndPathsNotForPlaces() throws Exception {
    GuestFiles here = read("/data");
    Path copy = Files.createDirectories(directory.resolve("copy/deep/er")).getParent().getParent();
    Files.copy(data.resolve("greeting.txt"), copy.resolve("greeting.txt"));
    Files.copy(data.resolve("deep/er/öl.txt"), copy.resolve("deep/er/öl.txt"));

    assertEquals(here.digest(), GuestFiles.read(Map.of("/data", copy)).digest());
    assertNotEquals(here.digest(), read("/other").digest());
    Files.createDirectory(copy.resolve("empty"));
    assertNotEquals(here.digest(), GuestFiles.read(Map.of("/data", copy)).digest());
  }

  @Test
  void aLinkToADirectoryAboveIsRefused() throws IOException {
    Files.createSymbolicLink(data.resolve("deep/round"), Path.of(".."));

    assertRefused("/data/deep/round is a link to a directory that it is in");
  }

  @Test
  void whatIsNeitherFileNorDirectoryIsRefused() throws Exception {
    Process made =
        new ProcessBuilder("mkfifo", data.resolve("pipe").toString()).inheritIO().start();
    assertEquals(0, made.waitFor());

    assertRefused("pipe is no file and no directory; remove it");
  }

  @Test
  void moreThanTheMostIsRefused() throws IOException {
    try (RandomAccessFile hole = new RandomAccessFile(data.resolve("large").toFile(), "rw")) {
      hole.setLength(GuestFiles.MAX_BYTES);
    }

    assertRefused("there are more than 67108864 bytes; grant less");
  }

  @Test
  void tooManyFilesAreRefused() throws IOException {
    for (int i = 0; i < Grants.MAX_FILES; i++) {
      Files.createFile(data.resolve("f" + i));
    }

    assertRefused("there are more than 10000 files; grant less");
  }

  @Test
  void aDirectoryThatIsNotThereIsSaid() {
    data = directory.resolve("none");

    assertRefused("none, granted as /data, cannot be read");
  }

  private void assertRefused(String why) {
    String message =
        assertThrows(ModuleFile.UnreadableException.class, () -> read("/data")).getMessage();
    assertTrue(message.contains(why), message);
  }

  private GuestFiles read(String guestPath) throws ModuleFile.UnreadableException {
    return GuestFiles.read(Map.of(guestPath, data));
  }
}
