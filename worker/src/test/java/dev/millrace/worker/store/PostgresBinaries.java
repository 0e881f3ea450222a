package dev.millrace.worker.store;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/** Finds the programs of a PostgreSQL server, or unpacks those that come from Maven Central. */
final class PostgresBinaries {

  private static final class Bundled {
    static final Path BIN = unpack();
  }

  private PostgresBinaries() {}

  /** The directory that has {@code initdb} and {@code postgres}. */
  static Path find() {
    Optional<Path> installed =
        Boolean.getBoolean("millrace.postgres.bundled") ? Optional.empty() : installed();
    return installed.orElseGet(() -> Bundled.BIN);
  }

  private static Optional<Path> installed() {
    Stream<Path> path =
        Stream.of(System.getenv().getOrDefault("PATH", "").split(":", -1)).map(Path::of);
    return Stream.concat(path, debian())
        .filter(bin -> Files.isExecutable(bin.resolve("postgres")))
        .filter(bin -> Files.isExecutable(bin.resolve("initdb")))
        .findFirst();
  }

  /** Debian keeps them off the path, one directory for each version. */
  private static Stream<Path> debian() {
    Path versions = Path.of("/usr/lib/postgresql");
    try (Stream<Path> all = Files.isDirectory(versions) ? Files.list(versions) : Stream.empty()) {
      return all
          .map(version -> version.resolve("bin"))
          .sorted(Comparator.reverseOrder())
          .toList()
          .stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path unpack() {
    String archive = "/postgres-" + platform() + ".txz";
    try (InputStream packed = PostgresBinaries.class.getResourceAsStream(archive)) {
      if (packed == null) {
        throw new IllegalStateException(
            "no PostgreSQL on this machine and none bundled for it (%s): install one"
                .formatted(archive));
      }
      Path directory = Files.createTempDirectory("millrace-postgres-bin");
      directory.toFile().setExecutable(true, false);
      directory.toFile().setReadable(true, false);
      Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(directory)));
      unpack(packed, directory);
      return directory.resolve("bin");
    } catch (IOException e) {
      throw new UncheckedIOException("the bundled PostgreSQL could not be unpacked", e);
    }
  }

  private static void unpack(InputStream packed, Path directory) throws IOException {
    try (TarArchiveInputStream tar =
        new TarArchiveInputStream(new XZInputStream(new BufferedInputStream(packed)))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        Path file = directory.resolve(entry.getName()).normalize();
        if (!file.startsWith(directory)) {
          throw new IOException(entry.getName() + " leaves the archive");
        }
        if (entry.isDirectory()) {
          Files.createDirectories(file);
        } else {
          Files.createDirectories(file.getParent());
          if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(file, Path.of(entry.getLinkName()));
          } else {
            Files.copy(tar, file);
            file.toFile().setExecutable((entry.getMode() & 0100) != 0, false);
          }
        }
      }
    }
  }

  private static void remove(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As the archives are named. */
  private static String platform() {
    String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String processor = System.getProperty("os.arch").equals("amd64") ? "x86_64" : "arm_64";
    return (system.startsWith("mac") ? "darwin-" : "linux-") + processor;
  }
}
