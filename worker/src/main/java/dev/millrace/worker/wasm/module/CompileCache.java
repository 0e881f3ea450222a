package dev.millrace.worker.wasm.module;

import com.dylibso.chicory.wasm.Version;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compiled modules on disk, one file each, named by the module's digest, the engine's version and
 * the compiler's options. What is in a file is loaded as code, so the directory belongs to its
 * owner alone. A file is written beside its place and moved there, begins with a checksum of the
 * rest, and is thrown away when that does not fit.
 *
 * <p>Safe for any number of threads and processes. A cache that fails costs a compilation, nothing
 * else.
 */
public final class CompileCache {

  private static final Logger LOG = LoggerFactory.getLogger(CompileCache.class);

  /** Changes whenever the compiler's options do, or what a module may contain to be compiled. */
  private static final String OPTIONS = "f4";

  private final Path directory;

  private CompileCache(Path directory) {
    this.directory = directory;
  }

  /** A cache that is only read, in a directory that need not exist. */
  public static CompileCache at(Path directory) {
    return new CompileCache(directory);
  }

  /** A cache in a directory, which is made if it does not exist. */
  public static CompileCache in(Path directory) {
    try {
      Files.createDirectories(directory);
      if (Files.getFileStore(directory).supportsFileAttributeView("posix")) {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
      }
      return new CompileCache(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "the cache directory "
              + directory
              + " cannot be made or cannot be kept from other users; choose another one",
          e);
    }
  }

  /** What was compiled for a module before; empty if nothing was, or it is damaged. */
  Optional<byte[]> get(String moduleDigest) {
    Path file = file(moduleDigest);
    try {
      byte[] content = Files.readAllBytes(file);
      if (content.length >= Integer.BYTES) {
        byte[] payload = Arrays.copyOfRange(content, Integer.BYTES, content.length);
        if (ByteBuffer.wrap(content).getInt() == checksum(payload)) {
          return Optional.of(payload);
        }
      }
      LOG.atWarn().addKeyValue("file", file).log("cached module is damaged; compiling it again");
      Files.deleteIfExists(file);
    } catch (NoSuchFileException e) {
      LOG.atDebug().addKeyValue("file", file).log("module is not cached");
    } catch (IOException e) {
      LOG.atWarn()
          .addKeyValue("file", file)
          .addKeyValue("reason", e.toString())
          .log("cached module cannot be read; compiling it again");
    }
    return Optional.empty();
  }

  /** Keeps what was compiled for a module. */
  void put(String moduleDigest, byte[] compiled) {
    Path file = file(moduleDigest);
    try {
      Path written = Files.createTempFile(directory, "compiling-", ".tmp");
      try {
        ByteBuffer content = ByteBuffer.allocate(Integer.BYTES + compiled.length);
        Files.write(written, content.putInt(checksum(compiled)).put(compiled).array());
        move(written, file);
      } finally {
        Files.deleteIfExists(written);
      }
    } catch (IOException e) {
      LOG.atWarn()
          .addKeyValue("file", file)
          .addKeyValue("reason", e.toString())
          .log("compiled module cannot be cached; the next start compiles it again");
    }
  }

  /** Forgets what was compiled for a module. */
  void remove(String moduleDigest) {
    try {
      Files.deleteIfExists(file(moduleDigest));
    } catch (IOException e) {
      LOG.atWarn()
          .addKeyValue("file", file(moduleDigest))
          .addKeyValue("reason", e.toString())
          .log("cached module cannot be removed");
    }
  }

  Path file(String moduleDigest) {
    return directory.resolve(
        moduleDigest + "-chicory-" + Version.version() + "-" + OPTIONS + ".classes");
  }

  /**
   * Finds accidents; who may write to the directory may run code anyway. The JVM has an instruction
   * for it from the first call on, unlike for a digest, which it would interpret.
   */
  private static int checksum(byte[] bytes) {
    CRC32C checksum = new CRC32C();
    checksum.update(bytes);
    return (int) checksum.getValue();
  }

  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException e) {
      throw new IOException("the file system cannot rename atomically", e);
    }
  }
}
