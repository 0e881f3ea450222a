package dev.millrace.worker.store;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * One row to write and the stage that answers for it. Made by any thread, bound and answered by the
 * writer's.
 *
 * @param <T> what the stage completes with
 */
abstract class Write<T> {

  /** Whether writes of other statements may overtake this one within a commit. */
  enum Order {
    /** It touches rows that no other waiting write touches. */
    FREE,
    /** It stays in its place among all writes that are kept in order. */
    KEPT
  }

  private final String sql;
  private final Order order;
  private final int bytes;
  private final int patience;
  private final long arrivedNanos = System.nanoTime();
  private final CompletableFuture<T> answer = new CompletableFuture<>();

  Write(String sql, Order order, int bytes) {
    this(sql, order, bytes, 1);
  }

  /**
   * A write.
   *
   * @param patience how many times the store's linger it waits for company at most
   */
  Write(String sql, Order order, int bytes, int patience) {
    this.sql = sql;
    this.order = order;
    this.bytes = bytes;
    this.patience = patience;
  }

  /** Sets a statement's parameters. */
  @FunctionalInterface
  interface Binder {
    void bind(PreparedStatement statement) throws SQLException;
  }

  /** A write whose answer follows from how many rows it changed. */
  static <T> Write<T> of(String sql, Order order, int bytes, Binder binder, IntFunction<T> answer) {
    return new Write<>(sql, order, bytes) {
      @Override
      void bind(PreparedStatement statement) throws SQLException {
        binder.bind(statement);
      }

      @Override
      T answer(int changedRows) {
        return answer.apply(changedRows);
      }
    };
  }

  /** Reads what a statement returns. */
  @FunctionalInterface
  interface Reader<T> {
    T read(ResultSet rows) throws SQLException;
  }

  /**
   * A write whose statement returns rows, from which its answer is read. It is executed by itself,
   * not in a batch.
   */
  static <T> Write<T> returning(
      String sql, Order order, int bytes, Binder binder, Reader<T> reader) {
    return new Write<>(sql, order, bytes) {
      private @Nullable T returned;

      @Override
      void bind(PreparedStatement statement) throws SQLException {
        binder.bind(statement);
      }

      @Override
      boolean batched() {
        return false;
      }

      @Override
      int execute(PreparedStatement statement) throws SQLException {
        bind(statement);
        try (ResultSet rows = statement.executeQuery()) {
          returned = reader.read(rows);
        }
        return 0;
      }

      @Override
      T answer(int changedRows) {
        return Objects.requireNonNull(returned, "it was executed");
      }
    };
  }

  /** A write with nothing to answer but that it is done. */
  static Write<Void> of(String sql, Order order, int bytes, Binder binder) {
    return of(sql, order, bytes, binder, changedRows -> null);
  }

  /**
   * Sets every parameter. Called again when the first transaction failed for a neighbour's fault.
   */
  abstract void bind(PreparedStatement statement) throws SQLException;

  /** Whether it may be one of several in a batch. */
  boolean batched() {
    return true;
  }

  /** How many writes that somebody waits for it is worth, when company is counted. */
  int weight() {
    return 1;
  }

  /** How often its statement is executed. */
  int executions() {
    return 1;
  }

  /** Sets every parameter for one of its executions, counted from 0. */
  void bind(PreparedStatement statement, int execution) throws SQLException {
    bind(statement);
  }

  /** Runs it by itself; answers how many rows it changed. */
  int execute(PreparedStatement statement) throws SQLException {
    int changed = 0;
    for (int i = 0; i < executions(); i++) {
      bind(statement, i);
      changed += statement.executeUpdate();
    }
    return changed;
  }

  /** The answer, given that the statement changed this many rows. */
  abstract T answer(int changedRows);

  final String sql() {
    return sql;
  }

  final Order order() {
    return order;
  }

  /** Roughly what it holds in memory. */
  final int bytes() {
    return bytes;
  }

  /** When it has waited long enough for company, given the store's linger. */
  final long dueNanos(long lingerNanos) {
    return arrivedNanos + patience * lingerNanos;
  }

  final CompletionStage<T> stage() {
    return answer.minimalCompletionStage();
  }

  final void committed(int changedRows) {
    answer.complete(answer(changedRows));
  }

  /** Whether it had no answer yet. */
  final boolean failed(Throwable cause) {
    return answer.completeExceptionally(cause);
  }
}
