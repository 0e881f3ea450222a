package dev.millrace.worker.store;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.abi.EventCodec;
import dev.millrace.abi.MalformedEventException;
import dev.millrace.triggers.DeadLetter;
import dev.millrace.triggers.DeadLetterSink;
import dev.millrace.triggers.FailureKind;
import dev.millrace.triggers.Recording;
import dev.millrace.triggers.RecordingCodec;
import dev.millrace.worker.store.Write.Order;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Dead letters as a table. Everything is encoded on the caller's thread. */
final class JdbcDeadLetters implements DeadLetters {

  private static final String STORE =
      """
      INSERT INTO dead_letter (id, event_id, event_bytes, trigger_name, function_name, version,
        failure, error, received_at, failed_at, attempt_count, attempts, event, recording,
        quarantine_after)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET
        event_id = excluded.event_id, event_bytes = excluded.event_bytes,
        trigger_name = excluded.trigger_name, function_name = excluded.function_name,
        version = excluded.version, failure = excluded.failure, error = excluded.error,
        received_at = excluded.received_at, failed_at = excluded.failed_at,
        attempt_count = excluded.attempt_count, attempts = excluded.attempts,
        event = excluded.event, recording = excluded.recording, recorded_event = NULL,
        quarantine_after = excluded.quarantine_after""";
  private static final String REMOVE = "DELETE FROM dead_letter WHERE id = ?";
  private static final String MARK_REPLAYED =
      """
      UPDATE dead_letter SET replays = replays + 1, last_replay = ?, replayed_by = ?
      WHERE id = ?""";
  private static final String EDIT =
      """
      UPDATE dead_letter SET original = COALESCE(original, event),
        recorded_event = COALESCE(recorded_event, event), event = ?, event_bytes = ?
      WHERE id = ? AND NOT EXISTS (SELECT 1 FROM parked WHERE parked.id = dead_letter.id)""";
  private static final String SUMMARY =
      """
      SELECT number, id, event_id, event_bytes, trigger_name, function_name, version, failure,
        error, received_at, failed_at, attempt_count, replays, last_replay, quarantine_after,
        CASE WHEN original IS NULL THEN 0 ELSE 1 END""";
  private static final String BY_NUMBER =
      SUMMARY
          + ", attempts, event, recording, recorded_event, original, replayed_by FROM dead_letter WHERE number = ?";
  private static final int DEFAULT_QUARANTINE_AFTER = 3;
  private static final String NUMBERS_BY_ID =
      """
      SELECT number, id FROM dead_letter WHERE SUBSTR(id, 1, ?) = ?
      ORDER BY CASE WHEN id = ? THEN 0 ELSE 1 END LIMIT 2""";

  private static final Logger log = LoggerFactory.getLogger(JdbcDeadLetters.class);

  private final GroupWriter writer;
  private final Readers readers;

  JdbcDeadLetters(GroupWriter writer, Readers readers) {
    this.writer = writer;
    this.readers = readers;
  }

  @Override
  public CompletionStage<Void> store(DeadLetter letter) {
    return store(letter, DEFAULT_QUARANTINE_AFTER);
  }

  @Override
  public DeadLetterSink sink(int quarantineAfter) {
    return new DeadLetterSink() {
      @Override
      public CompletionStage<Void> store(DeadLetter letter) {
        return JdbcDeadLetters.this.store(letter, quarantineAfter);
      }

      @Override
      public String description() {
        return JdbcDeadLetters.this.description();
      }

      @Override
      public void close() {
        // It ends with its store.
      }
    };
  }

  private CompletionStage<Void> store(DeadLetter letter, int quarantineAfter) {
    byte[] recording = letter.recording().map(RecordingCodec::encode).orElse(null);
    byte[] event = EventCodec.encode(letter.event());
    String attempts = AttemptsJson.write(letter.attempts());
    return writer.submit(
        Write.of(
            STORE,
            Order.KEPT,
            event.length
                + attempts.length()
                + letter.error().length()
                + (recording == null ? 0 : recording.length)
                + 500,
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
              statement.setBytes(14, recording);
              statement.setInt(15, quarantineAfter);
            }));
  }

  @Override
  public List<Summary> list(Filter filter, int limit) {
    return summaries(where(filter), " ORDER BY failed_at DESC, number DESC LIMIT ?", limit);
  }

  @Override
  public List<Summary> inOrder(Filter filter, long after, int limit) {
    Where where = where(filter).and("number > ?", Optional.of(after));
    return summaries(where, " ORDER BY number LIMIT ?", limit);
  }

  private List<Summary> summaries(Where where, String order, int limit) {
    String sql = SUMMARY + " FROM dead_letter" + where.sql() + order;
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
  public CompletionStage<Boolean> edit(String id, DetachedEvent edited) {
    byte[] event = EventCodec.encode(edited);
    return writer.submit(
        Write.of(
            EDIT,
            Order.KEPT,
            event.length + id.length() + 100,
            statement -> {
              statement.setBytes(1, event);
              statement.setInt(2, edited.size());
              statement.setString(3, Text.of(id));
            },
            changed -> changed > 0));
  }

  @Override
  public CompletionStage<Boolean> markReplayed(String id, Instant at, String replay) {
    return writer.submit(
        Write.of(
            MARK_REPLAYED,
            Order.KEPT,
            id.length() + 100,
            statement -> {
              statement.setLong(1, Micros.of(at));
              statement.setString(2, replay);
              statement.setString(3, Text.of(id));
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
    Where where =
        new Where()
            .and("trigger_name = ?", filter.trigger())
            .and("function_name = ?", filter.function())
            .and("version LIKE ? ESCAPE '!'", filter.version().map(start -> literal(start) + "%"))
            .and("failure = ?", filter.failure().map(FailureKind::name))
            .and(
                "LOWER(error) LIKE ? ESCAPE '!'",
                filter.error().map(part -> "%" + literal(part.toLowerCase(Locale.ROOT)) + "%"))
            .and("failed_at >= ?", filter.since().map(Micros::of))
            .and("failed_at < ?", filter.until().map(Micros::of));
    if (!filter.numbers().isEmpty()) {
      StringJoiner numbers = new StringJoiner(", ", "number IN (", ")");
      filter.numbers().forEach(number -> numbers.add(Long.toString(number)));
      where.and(numbers.toString());
    }
    return switch (filter.quarantine()) {
      case ANY -> where;
      case ONLY -> where.and("replays >= quarantine_after");
      case NONE -> where.and("replays < quarantine_after");
    };
  }

  /** Text as a pattern that only itself fits. */
  private static String literal(String text) {
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_");
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
        replayedAt,
        row.getInt(15),
        row.getInt(16) != 0);
  }

  private static Stored stored(ResultSet row) throws SQLException {
    Summary summary = summary(row);
    DetachedEvent event = event(row.getBytes(18), summary);
    DeadLetter letter =
        new DeadLetter(
            summary.id(),
            event,
            summary.trigger(),
            summary.function(),
            summary.version(),
            summary.failure(),
            summary.error(),
            summary.receivedAt(),
            summary.failedAt(),
            AttemptsJson.read(row.getString(17), summary.id()),
            summary.attemptCount(),
            recording(row.getBytes(19), summary));
    byte[] recorded = row.getBytes(20);
    byte[] original = row.getBytes(21);
    return new Stored(
        summary,
        letter,
        original == null ? Optional.empty() : Optional.of(event(original, summary)),
        recorded == null ? Optional.empty() : Optional.of(event(recorded, summary)),
        Optional.ofNullable(row.getString(22)));
  }

  /** A letter is worth more than its recording: one that is damaged is left out. */
  private static Optional<Recording> recording(byte @Nullable [] bytes, Summary summary) {
    if (bytes == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(RecordingCodec.decode(bytes));
    } catch (IllegalArgumentException e) {
      log.atWarn()
          .addKeyValue("letter", summary.id())
          .addKeyValue("reason", e.getMessage())
          .log("the recording of a dead letter cannot be read");
      return Optional.empty();
    }
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
