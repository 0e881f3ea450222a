package dev.millrace.worker.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The writer's connection with its prepared statements. Opened when needed, and again after a
 * failure that left it in an unknown state. Confined to the writer's thread.
 *
 * <p>A transaction is begun by leaving auto-commit and committed by returning to it: {@link
 * Connection#commit} of the SQLite driver begins the next transaction at once, and with it holds
 * the write lock while nobody writes.
 */
final class Session {

  private final Backend backend;
  private final Map<String, PreparedStatement> statements = new HashMap<>();
  private @Nullable Connection connection;

  Session(Backend backend) {
    this.backend = backend;
  }

  void begin() throws SQLException {
    connection().setAutoCommit(false);
  }

  void commit() throws SQLException {
    connection().setAutoCommit(true);
  }

  /** Undoes the open transaction; where even that fails, the connection is given up. */
  void rollback() {
    Connection open = connection;
    if (open == null) {
      return;
    }
    try {
      for (PreparedStatement statement : statements.values()) {
        statement.clearBatch();
      }
      if (open.getAutoCommit()) {
        close(); // The commit itself failed: whether a transaction is open is not known.
        return;
      }
      open.rollback();
      open.setAutoCommit(true);
    } catch (SQLException e) {
      close();
    }
  }

  /** A prepared statement, kept for the life of the connection. */
  PreparedStatement statement(String sql) throws SQLException {
    PreparedStatement statement = statements.get(sql);
    if (statement == null) {
      statement = connection().prepareStatement(sql);
      statements.put(sql, statement);
    }
    return statement;
  }

  Savepoint savepoint() throws SQLException {
    return connection().setSavepoint();
  }

  void release(Savepoint savepoint) throws SQLException {
    connection().releaseSavepoint(savepoint);
  }

  void rollback(Savepoint savepoint) throws SQLException {
    connection().rollback(savepoint);
    connection().releaseSavepoint(savepoint);
  }

  void close() {
    Connection open = connection;
    connection = null;
    statements.clear();
    Readers.closeQuietly(open);
  }

  private Connection connection() throws SQLException {
    Connection open = connection;
    if (open == null) {
      open = backend.openWriter();
      connection = open;
    }
    return open;
  }
}
