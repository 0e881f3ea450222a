package dev.millrace.worker.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConfig.TransactionMode;

/** Connections to one SQLite file. */
final class SqliteBackend implements Backend {

  /**
   * In this order: the page size counts only before the file has its first page, and cannot be
   * changed in WAL mode. The cache, in KiB, holds what a flood of durable messages has in the
   * journal at a time: what is deleted then need not be read again. 4000 pages between checkpoints
   * cost a WAL of about 32 MB and save a third of the time.
   */
  private static final List<String> WRITER_PRAGMAS =
      List.of(
          "page_size = 8192",
          "journal_mode = WAL",
          "synchronous = FULL",
          "wal_autocheckpoint = 4000",
          "journal_size_limit = 67108864",
          "cache_size = -16384",
          "temp_store = MEMORY");

  private final Path file;
  private final Duration busyTimeout;
  private final List<String> morePragmas;
  private final AutoCloseable lock;

  /**
   * @param morePragmas set on each writing connection after the usual ones
   * @param lock what goes with the store
   */
  SqliteBackend(Path file, Duration busyTimeout, List<String> morePragmas, AutoCloseable lock) {
    this.file = file;
    this.busyTimeout = busyTimeout;
    this.morePragmas = List.copyOf(morePragmas);
    this.lock = lock;
  }

  @Override
  public Connection openWriter() throws SQLException {
    return open(config(), WRITER_PRAGMAS, morePragmas);
  }

  /**
   * Opened for writing, then forbidden to: a read-only handle cannot read a WAL that no one else
   * has open.
   */
  @Override
  public Connection openReader() throws SQLException {
    return open(config(), List.of("query_only = true"));
  }

  @Override
  public boolean pooled() {
    return false;
  }

  @Override
  public boolean concernsStore(SQLException failure) {
    return SqliteFailures.concernsStore(failure);
  }

  /** One transaction at a time: there are no deadlocks. */
  @Override
  public boolean passes(SQLException failure) {
    return false;
  }

  @Override
  public StoreException explain(SQLException failure) {
    return SqliteFailures.explain(file, failure);
  }

  @Override
  public long fileBytes() {
    return size(file) + size(file.resolveSibling(file.getFileName() + "-wal"));
  }

  @Override
  public void release() {
    try {
      lock.close();
    } catch (Exception e) {
      throw new StoreException("store " + file + ": its lock does not close", e);
    }
  }

  private SQLiteConfig config() {
    SQLiteConfig config = new SQLiteConfig();
    config.setTransactionMode(TransactionMode.IMMEDIATE);
    config.setBusyTimeout(Math.toIntExact(busyTimeout.toMillis()));
    return config;
  }

  @SafeVarargs
  private Connection open(SQLiteConfig config, List<String>... pragmas) throws SQLException {
    Connection connection = config.createConnection("jdbc:sqlite:" + file);
    try (Statement statement = connection.createStatement()) {
      for (List<String> some : pragmas) {
        for (String pragma : some) {
          statement.execute("PRAGMA " + pragma);
        }
      }
      return connection;
    } catch (SQLException e) {
      Readers.closeQuietly(connection);
      throw e;
    }
  }

  private static long size(Path path) {
    try {
      return Files.size(path);
    } catch (IOException e) {
      return 0;
    }
  }
}
