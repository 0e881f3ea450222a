package dev.millrace.worker.store;

import dev.millrace.abi.Decimal;
import dev.millrace.worker.store.Write.Order;
import java.nio.charset.StandardCharsets;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Values as a table. A value that is a decimal number as {@link Long#toString(long)} writes it is
 * kept as a number, so that the database can count; any other as its bytes. A key is kept as bytes,
 * which both databases compare alike and where a NUL has its place.
 */
final class JdbcStoredValues implements StoredValues {

  private static final String SAME = " WHERE app_name = ? AND store_name = ? AND item_key = ?";
  private static final String EXPECTED =
      SAME + " AND until_at > ? AND (item_number = ? OR item_value = ?)";
  private static final String INSERT =
      """
      INSERT INTO key_value (app_name, store_name, item_key, item_value, item_number, until_at)
      VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT (app_name, store_name, item_key) DO UPDATE SET""";
  private static final String OVERWRITE =
      " item_value = excluded.item_value, item_number = excluded.item_number,"
          + " until_at = excluded.until_at";

  private static final String GET =
      "SELECT item_value, item_number FROM key_value" + SAME + " AND until_at > ?";
  private static final String SET = INSERT + OVERWRITE;
  private static final String SET_IF_ABSENT = SET + " WHERE key_value.until_at <= ?";
  private static final String REPLACE =
      "UPDATE key_value SET item_value = ?, item_number = ?, until_at = ?" + EXPECTED;
  private static final String DELETE = "DELETE FROM key_value" + SAME + " AND until_at > ?";
  private static final String DELETE_IF = "DELETE FROM key_value" + EXPECTED;
  private static final String INCREMENT =
      INSERT
          + """
           item_value = NULL,
           item_number = CASE WHEN key_value.until_at <= ? THEN excluded.item_number
             ELSE key_value.item_number + excluded.item_number END,
           until_at = CASE WHEN key_value.until_at <= ? THEN excluded.until_at
             ELSE key_value.until_at END
          WHERE key_value.until_at <= ? OR key_value.item_number BETWEEN ? AND ?
          RETURNING item_number""";
  private static final String FORGET = "DELETE FROM key_value WHERE until_at <= ?";

  private static final int ROW_BYTES = 200;

  private final GroupWriter writer;
  private final Readers readers;

  JdbcStoredValues(GroupWriter writer, Readers readers) {
    this.writer = writer;
    this.readers = readers;
  }

  @Override
  public byte @Nullable [] get(Key key, Instant now) {
    return readers.read(
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(GET)) {
            bind(statement, 1, key);
            statement.setLong(4, Micros.of(now));
            try (ResultSet row = statement.executeQuery()) {
              return row.next() ? value(row) : null;
            }
          }
        });
  }

  @Override
  public CompletionStage<Void> set(Key key, byte[] value, Instant until) {
    return writer.submit(
        Write.of(
            SET,
            Order.KEPT,
            bytes(key) + value.length,
            statement -> bindRow(statement, key, value, until)));
  }

  @Override
  public CompletionStage<Boolean> delete(Key key, Instant now) {
    return writer.submit(
        Write.of(
            DELETE,
            Order.KEPT,
            bytes(key),
            statement -> {
              bind(statement, 1, key);
              statement.setLong(4, Micros.of(now));
            },
            changed -> changed > 0));
  }

  @Override
  public CompletionStage<Boolean> setIfAbsent(Key key, byte[] value, Instant now, Instant until) {
    return writer.submit(
        Write.of(
            SET_IF_ABSENT,
            Order.KEPT,
            bytes(key) + value.length,
            statement -> {
              bindRow(statement, key, value, until);
              statement.setLong(7, Micros.of(now));
            },
            changed -> changed > 0));
  }

  @Override
  public CompletionStage<Boolean> replace(
      Key key, byte[] expected, byte[] value, Instant now, Instant until) {
    return writer.submit(
        Write.of(
            REPLACE,
            Order.KEPT,
            bytes(key) + expected.length + value.length,
            statement -> {
              bindValue(statement, 1, value);
              statement.setLong(3, Micros.of(until));
              bindExpected(statement, 4, key, now, expected);
            },
            changed -> changed > 0));
  }

  @Override
  public CompletionStage<Boolean> deleteIf(Key key, byte[] expected, Instant now) {
    return writer.submit(
        Write.of(
            DELETE_IF,
            Order.KEPT,
            bytes(key) + expected.length,
            statement -> bindExpected(statement, 1, key, now, expected),
            changed -> changed > 0));
  }

  @Override
  public CompletionStage<OptionalLong> increment(Key key, long delta, Instant now, Instant until) {
    return writer.submit(
        Write.returning(
            INCREMENT,
            Order.KEPT,
            bytes(key),
            statement -> {
              bind(statement, 1, key);
              statement.setNull(4, Types.VARBINARY);
              statement.setLong(5, delta);
              statement.setLong(6, Micros.of(until));
              for (int i = 7; i <= 9; i++) {
                statement.setLong(i, Micros.of(now));
              }
              statement.setLong(10, delta < 0 ? Long.MIN_VALUE - delta : Long.MIN_VALUE);
              statement.setLong(11, delta > 0 ? Long.MAX_VALUE - delta : Long.MAX_VALUE);
            },
            row -> row.next() ? OptionalLong.of(row.getLong(1)) : OptionalLong.empty()));
  }

  @Override
  public CompletionStage<Integer> forget(Instant now) {
    return writer.submit(
        Write.of(
            FORGET,
            Order.KEPT,
            ROW_BYTES,
            statement -> statement.setLong(1, Micros.of(now)),
            changed -> changed));
  }

  private static byte[] value(ResultSet row) throws SQLException {
    byte[] value = row.getBytes(1);
    return value == null
        ? Long.toString(row.getLong(2)).getBytes(StandardCharsets.US_ASCII)
        : value;
  }

  private static void bind(PreparedStatement statement, int first, Key key) throws SQLException {
    statement.setString(first, key.app());
    statement.setString(first + 1, key.store());
    statement.setBytes(first + 2, key.key().getBytes(StandardCharsets.UTF_8));
  }

  private static void bindRow(PreparedStatement statement, Key key, byte[] value, Instant until)
      throws SQLException {
    bind(statement, 1, key);
    bindValue(statement, 4, value);
    statement.setLong(6, Micros.of(until));
  }

  /** Binds bytes and number, one of which is NULL. */
  private static void bindValue(PreparedStatement statement, int first, byte[] value)
      throws SQLException {
    OptionalLong number = Decimal.parse(value);
    if (number.isPresent()) {
      statement.setNull(first, Types.VARBINARY);
      statement.setLong(first + 1, number.getAsLong());
    } else {
      statement.setBytes(first, value);
      statement.setNull(first + 1, Types.BIGINT);
    }
  }

  private static void bindExpected(
      PreparedStatement statement, int first, Key key, Instant now, byte[] expected)
      throws SQLException {
    bind(statement, first, key);
    statement.setLong(first + 3, Micros.of(now));
    OptionalLong number = Decimal.parse(expected);
    if (number.isPresent()) {
      statement.setLong(first + 4, number.getAsLong());
      statement.setNull(first + 5, Types.VARBINARY);
    } else {
      statement.setNull(first + 4, Types.BIGINT);
      statement.setBytes(first + 5, expected);
    }
  }

  private static int bytes(Key key) {
    return key.key().length() + ROW_BYTES;
  }
}
