package dev.millrace.worker.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;

/**
 * Opens the store that is a schema of a PostgreSQL database, for any number of workers at once.
 *
 * <p>Each worker has a number and a row that it keeps alive. Pub/sub messages, parked retries and
 * open grid times carry the number of the worker that sees to them; when that worker leaves, or its
 * row is over, the others take them. The database's clock decides, so that workers' clocks may
 * differ.
 */
public final class PostgresStore {

  /** Rows of workers that ended without leaving are of no use but to look at. */
  private static final Duration KEPT_TO_LOOK_AT = Duration.ofHours(1);

  private PostgresStore() {}

  /**
   * Opens a worker's store; makes the schema and its tables where they are not there, and migrates
   * older ones. Workers that do so at the same time wait for one another. Blocks.
   *
   * @throws StoreException if the database does not answer within {@link StoreOptions#busyTimeout},
   *     refuses, or was written by a newer Millrace
   */
  public static Store open(PostgresAddress address, StoreOptions options) {
    return open(address, options, Clock.systemUTC(), PostgresSchema.MIGRATIONS);
  }

  /**
   * Opens a store for looking and for short writes, whether a worker runs on it or not. Makes and
   * migrates nothing. Blocks.
   *
   * @throws StoreException if the database does not answer, there is no store in it, or its schema
   *     is not this Millrace's
   */
  public static StoreView openShared(PostgresAddress address, StoreOptions options) {
    PostgresBackend backend = new PostgresBackend(address, options.busyTimeout());
    return start(
        backend,
        connection -> {
          PostgresSchema.MIGRATIONS.require(connection, "store " + address);
          return JdbcStore.start(backend, options, Clock.systemUTC(), Replica.SOLE);
        });
  }

  /** As {@link #open(PostgresAddress, StoreOptions)}, with what tests want to decide. */
  static JdbcStore open(
      PostgresAddress address, StoreOptions options, Clock clock, Migrations migrations) {
    PostgresBackend backend = new PostgresBackend(address, options.busyTimeout());
    return start(
        backend,
        connection -> {
          migrate(connection, address, clock, migrations);
          return JdbcStore.start(backend, options, clock, join(connection, options.lease()));
        });
  }

  /** What is done with the first connection. */
  @FunctionalInterface
  private interface Opening {
    JdbcStore run(Connection connection) throws SQLException;
  }

  private static JdbcStore start(PostgresBackend backend, Opening opening) {
    JdbcStore store = null;
    try (Connection connection = backend.openAside()) {
      store = opening.run(connection);
      return store;
    } catch (SQLException e) {
      throw backend.explain(e);
    } finally {
      if (store == null) {
        backend.release();
      }
    }
  }

  /** One worker at a time, by a lock that goes with the connection at the latest. */
  private static void migrate(
      Connection connection, PostgresAddress address, Clock clock, Migrations migrations)
      throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET lock_timeout = '25s'");
      statement.execute("SELECT pg_advisory_lock(%s)".formatted(lockKey(address)));
      try {
        makeSchema(statement, address);
        migrations.apply(connection, "store " + address, clock);
      } finally {
        unlock(statement, address);
      }
    }
  }

  private static String lockKey(PostgresAddress address) {
    return "hashtext('millrace'), hashtext('" + address.schema() + "')";
  }

  private static void unlock(Statement statement, PostgresAddress address) throws SQLException {
    if (!statement.getConnection().getAutoCommit()) {
      statement.getConnection().rollback();
      statement.getConnection().setAutoCommit(true);
    }
    statement.execute("SELECT pg_advisory_unlock(%s)".formatted(lockKey(address)));
  }

  /** Asks first: a user who may not make schemas may still use one that is there. */
  private static void makeSchema(Statement statement, PostgresAddress address) throws SQLException {
    boolean there;
    try (ResultSet row =
        statement.executeQuery(
            "SELECT 1 FROM pg_namespace WHERE nspname = '" + address.schema() + "'")) {
      there = row.next();
    }
    if (!there) {
      statement.execute("CREATE SCHEMA " + address.schema());
    }
  }

  private static Replica join(Connection connection, Duration lease) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "DELETE FROM replica WHERE alive_until < %s - %d"
              .formatted(PostgresBackend.NOW, micros(KEPT_TO_LOOK_AT)));
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            "INSERT INTO replica (name, alive_until) VALUES (?, "
                + PostgresBackend.NOW
                + " + ?) RETURNING number")) {
      statement.setString(1, Replica.name());
      statement.setLong(2, micros(lease));
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return new Replica(row.getLong(1), PostgresBackend.NOW);
      }
    }
  }

  private static long micros(Duration duration) {
    return duration.dividedBy(ChronoUnit.MICROS.getDuration());
  }
}
