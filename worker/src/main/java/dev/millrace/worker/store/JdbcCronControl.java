package dev.millrace.worker.store;

import dev.millrace.triggers.cron.Fire;
import dev.millrace.triggers.cron.FireLedger;
import dev.millrace.worker.store.Write.Binder;
import dev.millrace.worker.store.Write.Order;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** What a person does with cron triggers, as rows of their own and of the fire ledger. */
final class JdbcCronControl implements CronControl {

  private static final String NAMES =
      "SELECT trigger_name FROM cron_trigger UNION SELECT DISTINCT trigger_name FROM fire";
  private static final String PAUSED_AT =
      "SELECT paused_at FROM cron_trigger WHERE trigger_name = ? AND paused = 1";
  private static final String LATEST =
      """
      SELECT fire_time, state FROM fire WHERE trigger_name = ? AND kind = 'SCHEDULED'
      ORDER BY fire_time DESC LIMIT 1""";
  private static final String UNSETTLED =
      """
      SELECT COALESCE(SUM(CASE WHEN state = 'OPEN' THEN 1 ELSE 0 END), 0), COUNT(*) FROM fire
      WHERE trigger_name = ? AND state IN ('OPEN', 'REQUESTED')""";
  private static final String RECORDED =
      """
      SELECT fire_time, state FROM fire
      WHERE trigger_name = ? AND fire_time >= ? AND fire_time <= ?""";
  private static final String PAUSE =
      """
      INSERT INTO cron_trigger (trigger_name, paused, paused_at, revision) VALUES (?, 1, ?, 1)
      ON CONFLICT (trigger_name) DO UPDATE SET
        paused = 1, paused_at = excluded.paused_at, revision = cron_trigger.revision + 1
      WHERE cron_trigger.paused = 0""";
  private static final String RESUME =
      """
      UPDATE cron_trigger SET paused = 0, paused_at = NULL, revision = revision + 1
      WHERE trigger_name = ? AND paused = 1""";
  private static final String ANNOUNCE =
      """
      INSERT INTO cron_trigger (trigger_name, revision) VALUES (?, 1)
      ON CONFLICT (trigger_name) DO UPDATE SET revision = cron_trigger.revision + 1""";
  private static final String REQUEST =
      """
      INSERT INTO fire (trigger_name, fire_time, state, kind) VALUES (?, ?, 'REQUESTED', ?)
      ON CONFLICT (trigger_name, fire_time) DO UPDATE SET
        state = excluded.state, kind = excluded.kind, owner = 0
      WHERE fire.state = 'SKIPPED'""";
  private static final String REQUEST_AGAIN = REQUEST + " OR fire.state = 'SETTLED'";

  private final GroupWriter writer;
  private final Readers readers;

  JdbcCronControl(GroupWriter writer, Readers readers) {
    this.writer = writer;
    this.readers = readers;
  }

  @Override
  public Map<String, Standing> standings() {
    return readers.read(
        connection -> {
          Map<String, Standing> standings = new TreeMap<>();
          for (String trigger : names(connection)) {
            standings.put(trigger, standing(connection, trigger));
          }
          return standings;
        });
  }

  private static Set<String> names(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(NAMES);
        ResultSet row = statement.executeQuery()) {
      Set<String> names = new HashSet<>();
      while (row.next()) {
        names.add(row.getString(1));
      }
      return names;
    }
  }

  private static Standing standing(Connection connection, String trigger) throws SQLException {
    Optional<Instant> pausedSince = Optional.empty();
    Optional<Instant> latest = Optional.empty();
    Optional<FireLedger.State> latestState = Optional.empty();
    try (PreparedStatement statement = connection.prepareStatement(PAUSED_AT)) {
      statement.setString(1, trigger);
      try (ResultSet row = statement.executeQuery()) {
        if (row.next()) {
          pausedSince = Optional.of(Micros.instant(row.getLong(1)));
        }
      }
    }
    try (PreparedStatement statement = connection.prepareStatement(LATEST)) {
      statement.setString(1, trigger);
      try (ResultSet row = statement.executeQuery()) {
        if (row.next()) {
          latest = Optional.of(Micros.instant(row.getLong(1)));
          latestState = Optional.of(FireLedger.State.valueOf(row.getString(2)));
        }
      }
    }
    try (PreparedStatement statement = connection.prepareStatement(UNSETTLED)) {
      statement.setString(1, trigger);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        long open = row.getLong(1);
        return new Standing(pausedSince, latest, latestState, open, row.getLong(2) - open);
      }
    }
  }

  @Override
  public Map<Instant, FireLedger.State> recorded(String trigger, Instant from, Instant to) {
    return readers.read(
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(RECORDED)) {
            statement.setString(1, trigger);
            statement.setLong(2, Micros.of(from));
            statement.setLong(3, Micros.of(to));
            Map<Instant, FireLedger.State> states = new TreeMap<>();
            try (ResultSet row = statement.executeQuery()) {
              while (row.next()) {
                states.put(
                    Micros.instant(row.getLong(1)), FireLedger.State.valueOf(row.getString(2)));
              }
            }
            return states;
          }
        });
  }

  @Override
  public CompletionStage<Boolean> pause(String trigger, Instant at) {
    return change(
        PAUSE,
        statement -> {
          statement.setString(1, trigger);
          statement.setLong(2, Micros.of(at));
        });
  }

  @Override
  public CompletionStage<Boolean> resume(String trigger) {
    return change(RESUME, statement -> statement.setString(1, trigger));
  }

  @Override
  public CompletionStage<Integer> request(String trigger, Collection<Fire> fires, boolean again) {
    CompletionStage<Integer> requested = CompletableFuture.completedStage(0);
    for (Fire fire : fires) {
      CompletionStage<Boolean> one =
          change(
              again ? REQUEST_AGAIN : REQUEST,
              statement -> {
                statement.setString(1, trigger);
                statement.setLong(2, Micros.of(fire.time()));
                statement.setString(3, fire.kind().name());
              });
      requested = requested.thenCombine(one, (sum, changed) -> changed ? sum + 1 : sum);
    }
    // Behind the fires, so that whoever sees it sees them.
    CompletionStage<Boolean> announced =
        change(ANNOUNCE, statement -> statement.setString(1, trigger));
    return requested.thenCombine(announced, (sum, done) -> sum);
  }

  private CompletionStage<Boolean> change(String sql, Binder binder) {
    return writer.submit(Write.of(sql, Order.KEPT, 200, binder, changed -> changed > 0));
  }
}
