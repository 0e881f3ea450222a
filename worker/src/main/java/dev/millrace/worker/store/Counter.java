package dev.millrace.worker.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * Numbers that rise and never come twice, though the rows that carried them are deleted. The value
 * is written in the transaction that gives numbers out; a transaction that fails leaves a gap.
 * Confined to the writer's thread once it is read.
 */
final class Counter implements GroupWriter.BeforeCommit {

  private static final String SAVE =
      """
      INSERT INTO counter (name, value) VALUES (?, ?)
      ON CONFLICT (name) DO UPDATE SET value = excluded.value""";

  /** Empty for one that is not saved. */
  private final String name;

  private long value;
  private long saved;

  private Counter(String name, long value) {
    this.name = name;
    this.value = value;
    this.saved = value;
  }

  static Counter read(Connection connection, String name) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT value FROM counter WHERE name = ?")) {
      statement.setString(1, name);
      try (ResultSet row = statement.executeQuery()) {
        return new Counter(name, row.next() ? row.getLong(1) : 0);
      }
    }
  }

  /**
   * A worker's own numbers among those that share a store, not saved: each worker has a number that
   * never comes twice, and so have its numbers.
   */
  static Counter of(Replica replica) {
    return new Counter("", replica.number() << 40);
  }

  /** The next number, from 1. */
  long next() {
    return next(1);
  }

  /** Takes the next numbers, so many; answers with the last of them. */
  long next(int count) {
    value += count;
    return value;
  }

  @Override
  public void run(Session session) throws SQLException {
    if (value == saved || name.isEmpty()) {
      return;
    }
    PreparedStatement statement = session.statement(SAVE);
    statement.setString(1, name);
    statement.setLong(2, value);
    statement.executeUpdate();
    saved = value; // If the commit fails, these numbers are nobody's, and the next one saves again.
  }
}
