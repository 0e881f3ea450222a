package dev.millrace.worker.dev;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.worker.manifest.BuildSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Globs name what a person expects of them. */
class SourceFilesTest {

  @TempDir private Path directory;

  @BeforeEach
  void fill() throws IOException {
    for (String file :
        List.of(
            "Cargo.toml",
            "main.rs",
            "src/lib.rs",
            "src/deep/more.rs",
            "src/notes.txt",
            "target/debug/made.rs",
            "node_modules/p/p.rs",
            ".git/hidden.rs")) {
      Files.createDirectories(directory.resolve(file).getParent());
      Files.writeString(directory.resolve(file), file);
    }
  }

  @Test
  void findsWhatTheGlobsName() {
    assertEquals("Cargo.toml", found("Cargo.toml"));
    assertEquals("src/deep/more.rs src/lib.rs src/notes.txt", found("src/**"));
    assertEquals("src/lib.rs", found("src/*.rs"));
    assertEquals("Cargo.toml src/notes.txt", found("*.toml", "src/*.{txt,md}"));
    assertEquals("", found("nowhere/**", "missing.txt"));
  }

  @Test
  void aDoubleStarAlsoStandsForNoDirectoryAndPassesOverWhatToolsFill() {
    assertEquals("main.rs src/deep/more.rs src/lib.rs", found("**/*.rs"));
    assertEquals("target/debug/made.rs", found("target/debug/*.rs"));
  }

  private String found(String... globs) {
    BuildSpec build = new BuildSpec("f", "true", directory, List.of(globs));
    return SourceFiles.of(build).stream()
        .map(file -> directory.relativize(file).toString())
        .collect(Collectors.joining(" "));
  }
}
