package dev.millrace.worker.store;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.List;

/**
 * Opens the store that is one SQLite file: WAL, {@code synchronous=FULL}, so that a commit is on
 * disk when it is answered.
 *
 * <p>One worker at a time: {@link #open} locks a file beside the store. Any number of other
 * processes may look at it and make short writes through {@link #openShared}; SQLite lets one
 * process write at a time, and each waits for the other as long as {@link
 * StoreOptions#busyTimeout}.
 */
public final class SqliteStore {

  /** Marks the file as ours: "MILR". */
  private static final int APPLICATION_ID = 0x4d494c52;

  private SqliteStore() {}

  /**
   * Opens a worker's store; makes the file, and its directory for this user only, where they are
   * not there. Migrates an older schema. Blocks.
   *
   * @throws StoreException if another worker has it open, a newer Millrace wrote it, or the file is
   *     no store or cannot be read or written
   */
  public static Store open(Path file, StoreOptions options) {
    return open(file, options, Clock.systemUTC(), SqliteSchema.MIGRATIONS, List.of());
  }

  /**
   * Opens a store for looking and for short writes, whether a worker runs on it or not. Takes no
   * lock, makes no file and migrates nothing. A running worker learns of a retry parked here when
   * it next asks for what is due. Blocks.
   *
   * @throws StoreException if there is no store, its schema is not this Millrace's, or it cannot be
   *     read
   */
  public static StoreView openShared(Path file, StoreOptions options) {
    Path absolute = file.toAbsolutePath().normalize();
    if (absolute.toFile().length() == 0) {
      throw new StoreException(
          "there is no store at " + absolute + "; a worker makes it when it starts");
    }
    Backend backend = new SqliteBackend(absolute, options.busyTimeout(), List.of(), () -> {});
    return start(
        absolute,
        backend,
        options,
        Clock.systemUTC(),
        connection -> SqliteSchema.MIGRATIONS.require(connection, "store " + absolute));
  }

  /** As {@link #open(Path, StoreOptions)}, with what tests want to decide. */
  static JdbcStore open(
      Path file,
      StoreOptions options,
      Clock clock,
      Migrations migrations,
      List<String> morePragmas) {
    Path absolute = file.toAbsolutePath().normalize();
    try {
      createOwnerOnly(absolute);
      StoreLock lock = StoreLock.take(absolute);
      Backend backend = new SqliteBackend(absolute, options.busyTimeout(), morePragmas, lock);
      return start(
          absolute,
          backend,
          options,
          clock,
          connection -> {
            claim(connection);
            migrations.apply(connection, "store " + absolute, clock);
          });
    } catch (IOException e) {
      throw new StoreException("store %s cannot be opened: %s".formatted(absolute, e), e);
    }
  }

  /** What is done with the first connection. */
  @FunctionalInterface
  private interface Preparation {
    void run(Connection connection) throws SQLException;
  }

  private static JdbcStore start(
      Path file, Backend backend, StoreOptions options, Clock clock, Preparation preparation) {
    JdbcStore store = null;
    try {
      refuseForeign(backend, file);
      try (Connection connection = backend.openWriter()) {
        preparation.run(connection);
        store = JdbcStore.start(backend, connection, options, clock);
      }
      return store;
    } catch (SQLException e) {
      throw backend.explain(e);
    } finally {
      if (store == null) {
        backend.release();
      }
    }
  }

  /** A database of somebody else's is left as it is. */
  private static void refuseForeign(Backend backend, Path file) throws SQLException {
    try (Connection connection = backend.openReader();
        Statement statement = connection.createStatement()) {
      if (number(statement, "PRAGMA application_id") != APPLICATION_ID
          && number(statement, "SELECT COUNT(*) FROM sqlite_schema") > 0) {
        throw new StoreException(
            "%s is a database, but not a Millrace store; name another file".formatted(file));
      }
    }
  }

  /** Marks a new file as ours; one that is ours already opens on a full disk, too. */
  private static void claim(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      if (number(statement, "PRAGMA application_id") != APPLICATION_ID) {
        statement.execute("PRAGMA application_id = " + APPLICATION_ID);
      }
    }
  }

  private static long number(Statement statement, String sql) throws SQLException {
    try (ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }

  private static void createOwnerOnly(Path file) throws IOException {
    Path directory = file.getParent();
    if (directory == null || file.getFileName() == null) {
      throw new StoreException(file + " cannot be a store: it is a directory");
    }
    boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
    Files.createDirectories(directory, posix ? permissions("rwx------") : new FileAttribute<?>[0]);
    try {
      Files.createFile(file, posix ? permissions("rw-------") : new FileAttribute<?>[0]);
    } catch (FileAlreadyExistsException e) {
      // The usual case.
    }
  }

  private static FileAttribute<?>[] permissions(String rights) {
    return new FileAttribute<?>[] {
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(rights))
    };
  }
}
