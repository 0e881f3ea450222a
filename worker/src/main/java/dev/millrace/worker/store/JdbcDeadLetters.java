package dev.millrace.worker.store;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.abi.EventCodec;
import dev.millrace.abi.MalformedEventException;
import dev.millrace.triggers.DeadLetter;
import dev.millrace.triggers.FailureKind;
import dev.millrace.worker.store.Write.Order;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Dead letters as a table. Everything is encoded on the caller's thread. */
final class JdbcDeadLetters implements DeadLetters {

  private static final String STORE =
      """
      INSERT INTO dead_letter (id, event_id, event_bytes, trigger_name, function_name, version,
        failure, error, received_at, failed_at, attempt_count, attempts, event)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET
        event_id = excluded.event_id, event_bytes = excluded.event_bytes,
        trigger_name = excluded.trigger_name, function_name = excluded.function_name,
        version = excluded.version, failure = excluded.failure, error = excluded.error,
        received_at = excluded.received_at, failed_at = excluded.failed_at,
        attempt_count = excluded.attempt_count, attempts = excluded.attempts,
        event = excluded.event""";
  private static final String REMOVE = "DELETE FROM dead_letter WHERE id = ?";
  private static final String MARK_REPLAYED =
      "UPDATE dead_letter SET replays = replays + 1, last_replay = ? WHERE id = ?";
  private static final String SUMMARY =
      """
      SELECT number, id, event_id, event_bytes, trigger_name, function_name, version, failure,
        error, received_at, failed_at, attempt_count, replays, last_replay""";
  private static final String BY_NUMBER =
      SUMMARY + ", attempts, event FROM dead_letter WHERE number = ?";
  private static final String NUMBERS_BY_ID =
      """
      SELECT number, id FROM dead_letter WHERE SUBSTR(id, 1, ?) = ?
      ORDER BY CASE WHEN id = ? THEN 0 ELSE 1 END LIMIT 2""";

  private final GroupWriter writer;
  private final Readers readers;

  JdbcDeadLetters(GroupWriter writer, Readers readers) {
    this.writer = writer;
    this.readers = readers;
  }

  @Override
  public CompletionStage<Void> store(DeadLetter letter) {
    byte[] event = EventCodec.encode(letter.event());
    String attempts = AttemptsJson.write(letter.attempts());
    return writer.submit(
        Write.of(
            STORE,
            Order.KEPT,
            event.length + attempts.length() + letter.error().length() + 500,
            statement -> {
              statement.setString(1, Text.of(letter.id()));
              statement.setString(2, Text.of(letter.event().id()));
              statement.setInt(3, letter.event().size());
              statement.setString(4, letter.trigger());
              statement.setString(5, letter.function());
              statement.setString(6, letter.version());
              statement.setString(7, letter.failure().name());
              statement.setString(8, Text.of(letter.error()));
              statement.setLong(9, Micros.of(letter.receivedAt()));
              statement.setLong(10, Micros.of(letter.failedAt()));
              statement.setInt(11, letter.attemptCount());
              statement.setString(12, attempts);
              statement.setBytes(13, event);
            }));
  }

  @Override
  public List<Summary> list(Filter filter, int limit) {
    Where where = where(filter);
    String sql =
        SUMMARY
            + " FROM dead_letter"
            + where.sql()
            + " ORDER BY failed_at DESC, number DESC LIMIT ?";
    return readers.read(
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setInt(where.bind(statement), limit);
            List<Summary> summaries = new ArrayList<>();
            try (ResultSet row = statement.executeQuery()) {
              while (row.next()) {
                summaries.add(summary(row));
              }
            }
            return summaries;
          }
        });
  }

  @Override
  public long count(Filter filter) {
    Where where = where(filter);
    return readers.read(
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement("SELECT COUNT(*) FROM dead_letter" + where.sql())) {
            where.bind(statement);
            try (ResultSet row = statement.executeQuery()) {
              row.next();
              return row.getLong(1);
            }
          }
        });
  }

  @Override
  public Optional<Stored> find(String reference) {
    return readers.read(
        connection -> {
          if (reference.matches("[0-9]{1,18}")) {
            Optional<Stored> numbered = byNumber(connection, Long.parseLong(reference));
            if (numbered.isPresent()) {
              return numbered;
            }
          }
          return byId(connection, Text.of(reference));
        });
  }

  @Override
  public CompletionStage<Integer> remove(Collection<String> ids) {
    CompletionStage<Integer> removed = CompletableFuture.completedStage(0);
    for (String id : ids) {
      CompletionStage<Integer> one =
          writer.submit(
              Write.of(
                  REMOVE,
                  Order.KEPT,
                  id.length() + 100,
                  statement -> statement.setString(1, Text.of(id)),
                  Integer::valueOf));
      removed = removed.thenCombine(one, Integer::sum);
    }
    return removed;
  }

  @Override
  public CompletionStage<Boolean> markReplayed(String id, Instant at) {
    return writer.submit(
        Write.of(
            MARK_REPLAYED,
            Order.KEPT,
            id.length() + 100,
            statement -> {
              statement.setLong(1, Micros.of(at));
              statement.setString(2, Text.of(id));
            },
            changed -> changed > 0));
  }

  @Override
  public String description() {
    return "store";
  }

  @Override
  public void close() {
    // It ends with its store.
  }

  private static Where where(Filter filter) {
    return new Where()
        .and("trigger_name = ?", filter.trigger())
        .and("function_name = ?", filter.function())
        .and("failure = ?", filter.failure().map(FailureKind::name))
        .and("failed_at >= ?", filter.since().map(Micros::of));
  }

  private static Optional<Stored> byNumber(Connection connection, long number) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(BY_NUMBER)) {
      statement.setLong(1, number);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? Optional.of(stored(row)) : Optional.empty();
      }
    }
  }

  private static Optional<Stored> byId(Connection connection, String start) throws SQLException {
    if (start.isEmpty()) {
      return Optional.empty();
    }
    try (PreparedStatement statement = connection.prepareStatement(NUMBERS_BY_ID)) {
      statement.setInt(1, start.codePointCount(0, start.length()));
      statement.setString(2, start);
      statement.setString(3, start);
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          return Optional.empty();
        }
        long number = row.getLong(1);
        if (!row.getString(2).equals(start) && row.next()) {
          throw new StoreException(
              "'%s' is the start of several dead letters' ids; write more of it, or use the number"
                  .formatted(start));
        }
        return byNumber(connection, number);
      }
    }
  }

  private static Summary summary(ResultSet row) throws SQLException {
    long lastReplay = row.getLong(14);
    Optional<Instant> replayedAt = Micros.optional(lastReplay, row.wasNull());
    return new Summary(
        row.getLong(1),
        row.getString(2),
        row.getString(3),
        row.getInt(4),
        row.getString(5),
        row.getString(6),
        row.getString(7),
        FailureKind.valueOf(row.getString(8)),
        row.getString(9),
        Micros.instant(row.getLong(10)),
        Micros.instant(row.getLong(11)),
        row.getInt(12),
        row.getInt(13),
        replayedAt);
  }

  private static Stored stored(ResultSet row) throws SQLException {
    Summary summary = summary(row);
    DeadLetter letter =
        new DeadLetter(
            summary.id(),
            event(row.getBytes(16), summary),
            summary.trigger(),
            summary.function(),
            summary.version(),
            summary.failure(),
            summary.error(),
            summary.receivedAt(),
            summary.failedAt(),
            AttemptsJson.read(row.getString(15), summary.id()),
            summary.attemptCount());
    return new Stored(summary, letter);
  }

  private static DetachedEvent event(byte[] bytes, Summary summary) {
    try {
      return EventCodec.decode(bytes);
    } catch (MalformedEventException e) {
      throw new StoreException(
          "dead letter %d (%s) cannot be read: %s"
              .formatted(summary.number(), summary.id(), e.getMessage()),
          e);
    }
  }
}
