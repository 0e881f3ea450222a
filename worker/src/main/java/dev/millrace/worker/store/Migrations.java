package dev.millrace.worker.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a store's schema to the version of this worker, one transaction a step: a step that fails
 * leaves the version before it. Refuses a store that a newer worker wrote.
 */
final class Migrations {

  private static final Logger log = LoggerFactory.getLogger(Migrations.class);

  private final List<Migration> steps;

  Migrations(List<Migration> steps) {
    for (int i = 0; i < steps.size(); i++) {
      if (steps.get(i).version() != i + 1) {
        throw new IllegalArgumentException("migrations must be numbered from 1 without gaps");
      }
    }
    this.steps = List.copyOf(steps);
  }

  /** The version that this worker reads and writes. */
  int newest() {
    return steps.size();
  }

  /**
   * Applies what is missing. After a failure the connection must be closed, which undoes the step.
   *
   * @param store what a person calls the store
   * @throws StoreException if a newer worker wrote it, or a step fails
   */
  void apply(Connection connection, String store, Clock clock) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate(
          "CREATE TABLE IF NOT EXISTS schema_version"
              + " (version INTEGER NOT NULL PRIMARY KEY, applied_at BIGINT NOT NULL)");
    }
    int version = version(connection);
    refuseNewer(version, store);
    for (Migration step : steps.subList(version, steps.size())) {
      apply(connection, step, store, clock);
    }
    if (version > 0 && version < newest()) {
      log.atInfo()
          .addKeyValue("store", store)
          .addKeyValue("from", version)
          .addKeyValue("to", newest())
          .log("store migrated");
    }
  }

  /**
   * Checks without changing anything.
   *
   * @throws StoreException if the store's version is not this worker's
   */
  void require(Connection connection, String store) throws SQLException {
    int version = version(connection);
    refuseNewer(version, store);
    if (version < newest()) {
      throw new StoreException(
          "%s has schema version %d, this Millrace needs %d: start the worker once to migrate it"
              .formatted(store, version, newest()));
    }
  }

  private void refuseNewer(int version, String store) {
    if (version > newest()) {
      throw new StoreException(
          ("%s was written by a newer Millrace: it has schema version %d, this one knows up to %d."
                  + " Run the newer Millrace, or put back the copy made before the upgrade")
              .formatted(store, version, newest()));
    }
  }

  private static void apply(Connection connection, Migration step, String store, Clock clock)
      throws SQLException {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement();
        PreparedStatement note =
            connection.prepareStatement(
                "INSERT INTO schema_version (version, applied_at) VALUES (?, ?)")) {
      for (String sql : step.statements()) {
        statement.executeUpdate(sql);
      }
      note.setInt(1, step.version());
      note.setLong(2, Micros.of(clock.instant()));
      note.executeUpdate();
      connection.setAutoCommit(true);
    } catch (SQLException e) {
      throw new StoreException(
          "%s could not be migrated to schema version %d and stays at %d: %s"
              .formatted(store, step.version(), step.version() - 1, e.getMessage()),
          e);
    }
  }

  private static int version(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("SELECT COALESCE(MAX(version), 0) FROM schema_version")) {
      row.next();
      return row.getInt(1);
    }
  }
}
