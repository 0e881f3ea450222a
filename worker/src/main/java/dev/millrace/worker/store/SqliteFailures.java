package dev.millrace.worker.store;

import java.nio.file.Path;
import java.sql.SQLException;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** What SQLite's result codes mean for a store, and the sentence for people. */
final class SqliteFailures {

  private SqliteFailures() {}

  /** Whether every write would fail so, rather than this one for what it holds. */
  static boolean concernsStore(SQLException failure) {
    return switch (primaryCode(failure)) {
      case SQLITE_FULL,
          SQLITE_IOERR,
          SQLITE_BUSY,
          SQLITE_LOCKED,
          SQLITE_READONLY,
          SQLITE_CANTOPEN,
          SQLITE_PERM,
          SQLITE_CORRUPT,
          SQLITE_NOTADB,
          SQLITE_NOMEM,
          SQLITE_PROTOCOL,
          SQLITE_NOLFS ->
          true;
      default -> false;
    };
  }

  static StoreException explain(Path file, SQLException failure) {
    String what =
        switch (primaryCode(failure)) {
          case SQLITE_FULL -> "its disk is full; free some space, and the store goes on by itself";
          case SQLITE_IOERR ->
              "its disk fails (%s); see to the disk, and the store goes on by itself"
                  .formatted(failure.getMessage());
          case SQLITE_BUSY, SQLITE_LOCKED ->
              "another process is writing to it and does not end; end that process";
          case SQLITE_READONLY, SQLITE_PERM ->
              "it may not be written; give this user the right to write the file and its directory";
          case SQLITE_CANTOPEN ->
              "the file cannot be opened; see that its directory exists and may be written";
          case SQLITE_NOTADB ->
              "the file is no database; move it away, and the worker makes a new one";
          case SQLITE_CORRUPT ->
              "the file is damaged; stop the worker and put back a copy, or move the file away";
          default -> failure.getMessage();
        };
    return new StoreException("store " + file + ": " + what, failure);
  }

  private static SQLiteErrorCode primaryCode(SQLException failure) {
    if (failure instanceof SQLiteException sqlite) {
      return SQLiteErrorCode.getErrorCode(sqlite.getResultCode().code & 0xff);
    }
    return SQLiteErrorCode.UNKNOWN_ERROR;
  }
}
