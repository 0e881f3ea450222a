package dev.millrace.worker.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.sqlite.SQLiteJDBCLoader;
import org.sqlite.util.LibraryLoaderUtil;

/**
 * SQLite's native library as a file, so that the driver need not unpack it at each start: it looks
 * into the directory of the system property {@code org.sqlite.lib.path} first.
 */
public final class SqliteLibrary {

  private SqliteLibrary() {}

  /**
   * Unpacks the library for this machine. Does nothing where the driver brings none. Blocks.
   *
   * @param directory is made if it is not there; who writes to it decides what a worker runs
   */
  public static void unpackInto(Path directory) throws IOException {
    String name = LibraryLoaderUtil.getNativeLibName();
    String resource = LibraryLoaderUtil.getNativeLibResourcePath() + "/" + name;
    try (InputStream library = SQLiteJDBCLoader.class.getResourceAsStream(resource)) {
      if (library != null) {
        Files.createDirectories(directory);
        Files.copy(library, directory.resolve(name), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }
}
