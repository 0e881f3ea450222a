package dev.millrace.worker.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Connections to one PostgreSQL database, from a pool that replaces those that broke. */
final class PostgresBackend implements Backend {

  private static final Logger log = LoggerFactory.getLogger(PostgresBackend.class);

  /** The database's clock as microseconds since 1970. */
  static final String NOW = "(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::BIGINT";

  /** The writer, and readers: triggers, the pump, commands, the metrics. */
  private static final int MOST_CONNECTIONS = 10;

  private static final String BYTES =
      """
      SELECT COALESCE(SUM(pg_total_relation_size(c.oid)), 0) FROM pg_class c
      JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = current_schema() AND c.relkind = 'r'""";

  private static final long BYTES_KEPT_NANOS = Duration.ofSeconds(30).toNanos();

  private final PostgresAddress address;
  private final HikariDataSource pool;

  /** What the tables took when they were last measured. */
  private volatile long bytes;

  private final AtomicLong measureAtNanos = new AtomicLong(System.nanoTime());

  /**
   * Does not connect yet.
   *
   * @param patience how long to wait for a connection, and for a lock
   */
  PostgresBackend(PostgresAddress address, Duration patience) {
    this.address = address;
    long millis = Math.max(250, patience.toMillis());
    HikariConfig config = new HikariConfig();
    config.setPoolName("store");
    config.setJdbcUrl(address.jdbcUrl());
    config.setDataSourceProperties(address.driverProperties());
    config.setConnectionInitSql(init(millis));
    // Else the pool asks its first connection, and if that dies meanwhile it never makes another.
    config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
    config.setMaximumPoolSize(MOST_CONNECTIONS);
    config.setMinimumIdle(1);
    config.setIdleTimeout(Duration.ofMinutes(1).toMillis());
    config.setConnectionTimeout(millis);
    config.setValidationTimeout(Math.min(millis, Duration.ofSeconds(5).toMillis()));
    config.setInitializationFailTimeout(-1);
    this.pool = new HikariDataSource(config);
  }

  /**
   * Run once on each connection: a commit waits for the disk, whatever the server's default is, and
   * a lock that somebody else keeps is not waited for without end.
   */
  private static String init(long lockMillis) {
    return """
    SELECT CASE WHEN current_setting('synchronous_commit') = 'off'
        THEN set_config('synchronous_commit', 'on', false) END,
      set_config('lock_timeout', '%d', false)"""
        .formatted(lockMillis);
  }

  /** A connection outside the pool, for what is done once; the caller closes it. Blocks. */
  Connection openAside() throws SQLException {
    return DriverManager.getConnection(address.jdbcUrl(), address.driverProperties());
  }

  @Override
  public Connection openWriter() throws SQLException {
    return pool.getConnection();
  }

  @Override
  public Connection openReader() throws SQLException {
    return pool.getConnection();
  }

  @Override
  public boolean pooled() {
    return true;
  }

  @Override
  public boolean concernsStore(SQLException failure) {
    return PostgresFailures.concernsStore(failure);
  }

  @Override
  public boolean passes(SQLException failure) {
    return PostgresFailures.passes(failure);
  }

  @Override
  public StoreException explain(SQLException failure) {
    return PostgresFailures.explain(address, failure);
  }

  /** As measured last; begins to measure again when that is 30 s ago. Does not block. */
  @Override
  public long fileBytes() {
    long due = measureAtNanos.get();
    if (System.nanoTime() - due >= 0
        && measureAtNanos.compareAndSet(due, System.nanoTime() + BYTES_KEPT_NANOS)) {
      Thread.ofVirtual().name("store-size").start(this::measure);
    }
    return bytes;
  }

  private void measure() {
    try (Connection connection = pool.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(BYTES)) {
      row.next();
      bytes = row.getLong(1);
    } catch (SQLException e) {
      log.atDebug().setCause(e).log("the store's size could not be measured");
    }
  }

  @Override
  public void release() {
    pool.close();
  }
}
