package dev.millrace.worker.store;

import dev.millrace.worker.store.Write.Order;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Replays as a table. */
final class JdbcReplays implements Replays {

  private static final Duration KEPT = Duration.ofDays(30);

  private static final String FORGET = "DELETE FROM replay WHERE ended_at < ?";
  private static final String START =
      """
      INSERT INTO replay (id, filter, target, interval_us, last_number, total, created_at, state)
      VALUES (?, ?, ?, ?, ?, ?, ?, 'RUNNING')""";
  private static final String CANCEL =
      """
      UPDATE replay SET state = 'CANCELLED', ended_at = ?
      WHERE id = ? AND state = 'RUNNING'""";
  private static final String CLAIM =
      """
      UPDATE replay SET owner = ?, owned_until = ?
      WHERE id = ? AND state = 'RUNNING' AND (owner = ? OR owned_until < ?)""";
  private static final String ADVANCE =
      """
      UPDATE replay SET position = ?, left_store = ?, failed = ?, skipped = ?, trouble = ?,
        state = ?, ended_at = ?
      WHERE id = ? AND owner = ? AND state = 'RUNNING'""";
  private static final String SELECT =
      """
      SELECT id, filter, target, interval_us, last_number, total, created_at, state, ended_at,
        position, left_store, failed, skipped, trouble
      FROM replay""";
  private static final String IN_FLIGHT = "SELECT COUNT(*) FROM parked WHERE id = ?";

  private static final String ALL_IN_FLIGHT =
      """
      SELECT number FROM dead_letter
      WHERE EXISTS (SELECT 1 FROM parked WHERE parked.id = dead_letter.id) ORDER BY number""";

  private final GroupWriter writer;
  private final Readers readers;

  JdbcReplays(GroupWriter writer, Readers readers) {
    this.writer = writer;
    this.readers = readers;
  }

  @Override
  public CompletionStage<Void> start(Replay replay) {
    String filter = JsonMapper.shared().writeValueAsString(replay.filter());
    long kept = Micros.of(replay.createdAt().minus(KEPT));
    CompletionStage<Void> forgotten =
        writer.submit(Write.of(FORGET, Order.KEPT, 100, statement -> statement.setLong(1, kept)));
    return forgotten.thenCombine(
        writer.submit(
            Write.of(
                START,
                Order.KEPT,
                filter.length() + 300,
                statement -> {
                  statement.setString(1, replay.id());
                  statement.setString(2, filter);
                  statement.setString(3, replay.target().name());
                  statement.setLong(
                      4, replay.interval().dividedBy(ChronoUnit.MICROS.getDuration()));
                  statement.setLong(5, replay.lastNumber());
                  statement.setLong(6, replay.total());
                  statement.setLong(7, Micros.of(replay.createdAt()));
                })),
        (one, other) -> null);
  }

  @Override
  public List<Replay> list(int limit) {
    return select(new Where(), " ORDER BY created_at DESC, id LIMIT ?", limit);
  }

  @Override
  public List<Replay> running() {
    return select(new Where().and("state = 'RUNNING'"), " ORDER BY created_at, id LIMIT ?", 1000);
  }

  @Override
  public CompletionStage<Boolean> cancel(String id, Instant at) {
    return writer.submit(
        Write.of(
            CANCEL,
            Order.KEPT,
            id.length() + 100,
            statement -> {
              statement.setLong(1, Micros.of(at));
              statement.setString(2, id);
            },
            changed -> changed > 0));
  }

  @Override
  public CompletionStage<Boolean> claim(String id, String owner, Instant now, Instant until) {
    return writer.submit(
        Write.of(
            CLAIM,
            Order.KEPT,
            id.length() + 200,
            statement -> {
              statement.setString(1, owner);
              statement.setLong(2, Micros.of(until));
              statement.setString(3, id);
              statement.setString(4, owner);
              statement.setLong(5, Micros.of(now));
            },
            changed -> changed > 0));
  }

  @Override
  public CompletionStage<Boolean> advance(
      String id, String owner, Progress progress, Optional<Instant> endedAt) {
    State state = endedAt.isPresent() ? State.DONE : State.RUNNING;
    return writer.submit(
        Write.of(
            ADVANCE,
            Order.KEPT,
            id.length() + 200,
            statement -> {
              statement.setLong(1, progress.position());
              statement.setLong(2, progress.left());
              statement.setLong(3, progress.failed());
              statement.setLong(4, progress.skipped());
              statement.setString(5, progress.trouble());
              statement.setString(6, state.name());
              if (endedAt.isPresent()) {
                statement.setLong(7, Micros.of(endedAt.get()));
              } else {
                statement.setNull(7, Types.BIGINT);
              }
              statement.setString(8, id);
              statement.setString(9, owner);
            },
            changed -> changed > 0));
  }

  @Override
  public Set<String> inFlight(Collection<String> letters) {
    if (letters.isEmpty()) {
      return Set.of();
    }
    return readers.read(
        connection -> {
          Set<String> found = new HashSet<>();
          try (PreparedStatement statement = connection.prepareStatement(IN_FLIGHT)) {
            for (String id : letters) {
              statement.setString(1, id);
              try (ResultSet row = statement.executeQuery()) {
                if (row.next() && row.getLong(1) > 0) {
                  found.add(id);
                }
              }
            }
          }
          return found;
        });
  }

  @Override
  public List<Long> inFlight() {
    return readers.read(
        connection -> {
          List<Long> numbers = new ArrayList<>();
          try (PreparedStatement statement = connection.prepareStatement(ALL_IN_FLIGHT);
              ResultSet row = statement.executeQuery()) {
            while (row.next()) {
              numbers.add(row.getLong(1));
            }
          }
          return numbers;
        });
  }

  private List<Replay> select(Where where, String order, int limit) {
    return readers.read(
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(SELECT + where.sql() + order)) {
            statement.setInt(where.bind(statement), limit);
            List<Replay> found = new ArrayList<>();
            try (ResultSet row = statement.executeQuery()) {
              while (row.next()) {
                found.add(replay(row));
              }
            }
            return found;
          }
        });
  }

  private static Replay replay(ResultSet row) throws SQLException {
    String id = row.getString(1);
    long ended = row.getLong(9);
    Optional<Instant> endedAt = Micros.optional(ended, row.wasNull());
    return new Replay(
        id,
        filter(row.getString(2), id),
        Target.valueOf(row.getString(3)),
        Duration.of(row.getLong(4), ChronoUnit.MICROS),
        row.getLong(5),
        row.getLong(6),
        Micros.instant(row.getLong(7)),
        State.valueOf(row.getString(8)),
        endedAt,
        new Progress(
            row.getLong(10), row.getLong(11), row.getLong(12), row.getLong(13), row.getString(14)));
  }

  private static DeadLetters.Filter filter(String json, String owner) {
    try {
      return JsonMapper.shared().readValue(json, DeadLetters.Filter.class);
    } catch (JacksonException e) {
      throw new StoreException("the filter of replay '" + owner + "' is damaged", e);
    }
  }
}
