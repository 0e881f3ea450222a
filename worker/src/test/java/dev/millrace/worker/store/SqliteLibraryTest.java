package dev.millrace.worker.store;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteJDBCLoader;

class SqliteLibraryTest {

  @TempDir private Path temp;

  @Test
  void unpacksWhatTheDriverWouldLoad() throws Exception {
    Path directory = temp.resolve("lib/native");

    SqliteLibrary.unpackInto(directory);

    Path library = directory.resolve(System.mapLibraryName("sqlitejdbc"));
    System.load(library.toString()); // a library of the right kind, or this fails
    assertEquals(true, SQLiteJDBCLoader.initialize());
  }
}
