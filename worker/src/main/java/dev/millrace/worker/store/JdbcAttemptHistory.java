package dev.millrace.worker.store;

import dev.millrace.triggers.Attempt;
import dev.millrace.triggers.FailureKind;
import dev.millrace.worker.store.Write.Order;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/**
 * The attempt history as a table that loses its oldest rows in the transaction that adds others.
 */
final class JdbcAttemptHistory implements AttemptHistory, GroupWriter.BeforeCommit {

  private static final String RECORD =
      """
      INSERT INTO attempt (trigger_name, function_name, event_id, number, started_at, duration_us,
        failure, error, log)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)""";
  private static final String PRUNE =
      "DELETE FROM attempt WHERE sequence <= (SELECT MAX(sequence) FROM attempt) - ?";
  private static final String SELECT =
      """
      SELECT trigger_name, function_name, event_id, number, started_at, duration_us, failure, error,
        log
      FROM attempt""";

  private final GroupWriter writer;
  private final Readers readers;
  private final int kept;
  private final LongAdder dropped = new LongAdder();

  /** Confined to the writer's thread. */
  private boolean recorded;

  JdbcAttemptHistory(GroupWriter writer, Readers readers, int kept) {
    this.writer = writer;
    this.readers = readers;
    this.kept = kept;
  }

  @Override
  public void record(Entry entry) {
    Attempt attempt = entry.attempt();
    writer
        .submitOptional(
            Write.of(
                RECORD,
                Order.FREE,
                attempt.error().length() + attempt.log().length() + 300,
                statement -> {
                  statement.setString(1, entry.trigger());
                  statement.setString(2, entry.function());
                  statement.setString(3, Text.of(entry.eventId()));
                  statement.setInt(4, attempt.number());
                  statement.setLong(5, Micros.of(attempt.startedAt()));
                  statement.setLong(
                      6, attempt.duration().dividedBy(ChronoUnit.MICROS.getDuration()));
                  statement.setString(7, attempt.failure().name());
                  statement.setString(8, Text.of(attempt.error()));
                  statement.setString(9, Text.of(attempt.log()));
                  recorded = true;
                }))
        .whenComplete(
            (done, failure) -> {
              if (failure != null) {
                dropped.increment();
              }
            });
  }

  @Override
  public List<Entry> recent(Filter filter, int limit) {
    Where where =
        new Where()
            .and("trigger_name = ?", filter.trigger())
            .and("function_name = ?", filter.function())
            .and("event_id = ?", filter.eventId().map(Text::of))
            .and("failure = ?", filter.failure().map(FailureKind::name));
    return readers.read(
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(
                  SELECT + where.sql() + " ORDER BY sequence DESC LIMIT ?")) {
            statement.setInt(where.bind(statement), limit);
            List<Entry> entries = new ArrayList<>();
            try (ResultSet row = statement.executeQuery()) {
              while (row.next()) {
                entries.add(entry(row));
              }
            }
            return entries;
          }
        });
  }

  long dropped() {
    return dropped.sum();
  }

  @Override
  public void run(Session session) throws SQLException {
    if (!recorded) {
      return;
    }
    recorded = false;
    PreparedStatement statement = session.statement(PRUNE);
    statement.setInt(1, kept);
    statement.executeUpdate();
  }

  private static Entry entry(ResultSet row) throws SQLException {
    return new Entry(
        row.getString(1),
        row.getString(2),
        row.getString(3),
        new Attempt(
            row.getInt(4),
            Micros.instant(row.getLong(5)),
            Duration.of(row.getLong(6), ChronoUnit.MICROS),
            FailureKind.valueOf(row.getString(7)),
            row.getString(8),
            row.getString(9)));
  }
}
