package dev.millrace.worker.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.ArrayBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connections that read, used on the caller's thread. A few are kept for the next caller, where no
 * pool does that; more are opened when more callers read at once. Safe for any thread.
 */
final class Readers implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Readers.class);
  private static final int KEPT = 4;

  /** One read over one connection. */
  @FunctionalInterface
  interface Query<T> {
    T run(Connection connection) throws SQLException;
  }

  private final Backend backend;
  private final ArrayBlockingQueue<Connection> idle = new ArrayBlockingQueue<>(KEPT);
  private volatile boolean closed;

  Readers(Backend backend) {
    this.backend = backend;
  }

  /**
   * Runs a query. Blocks.
   *
   * @throws StoreException if the store cannot be read, or is closed
   */
  <T> T read(Query<T> query) {
    if (closed) {
      throw new StoreException("the store is closed");
    }
    Connection connection = idle.poll();
    boolean usable = false;
    try {
      if (connection == null) {
        connection = backend.openReader();
      }
      T result = query.run(connection);
      usable = true;
      return result;
    } catch (SQLException e) {
      throw backend.explain(e);
    } finally {
      if (!usable || backend.pooled() || !idle.offer(connection)) {
        closeQuietly(connection);
      }
      if (closed) {
        closeIdle();
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    closeIdle();
  }

  private void closeIdle() {
    for (Connection each = idle.poll(); each != null; each = idle.poll()) {
      closeQuietly(each);
    }
  }

  /** Closes a connection that nobody needs any more; a failure to do so changes nothing. */
  static void closeQuietly(@Nullable Connection connection) {
    if (connection == null) {
      return;
    }
    try {
      connection.close();
    } catch (SQLException e) {
      log.atDebug().setCause(e).log("a store connection did not close in order");
    }
  }
}
