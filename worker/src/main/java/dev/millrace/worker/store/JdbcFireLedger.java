package dev.millrace.worker.store;

import dev.millrace.triggers.cron.Fire;
import dev.millrace.triggers.cron.FireLedger;
import dev.millrace.worker.store.Write.Order;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/**
 * The fire ledger as a table; its primary key is the election. Rows that nobody needs any more are
 * deleted now and then, in the transaction of a claim.
 */
final class JdbcFireLedger implements FireLedger, GroupWriter.BeforeCommit {

  private static final Duration KEPT = Duration.ofDays(30);
  private static final int KEPT_ROWS = 10_000;
  private static final int CLAIMS_BETWEEN_PRUNES = 500;
  private static final int PRUNED_AT_ONCE = 4;

  private static final String CLAIM =
      """
      INSERT INTO fire (trigger_name, fire_time, state, owner) VALUES (?, ?, ?, ?)
      ON CONFLICT (trigger_name, fire_time) DO NOTHING""";
  private static final String SETTLE =
      """
      UPDATE fire SET state = 'SETTLED'
      WHERE trigger_name = ? AND fire_time = ? AND state = 'OPEN'""";
  private static final String LATEST =
      "SELECT MAX(fire_time) FROM fire WHERE trigger_name = ? AND kind = 'SCHEDULED'";
  private static final String OPEN =
      """
      SELECT fire_time, kind FROM fire WHERE trigger_name = ? AND state = 'OPEN'
      ORDER BY fire_time""";
  private static final String OWN =
      """
      SELECT fire_time, kind FROM fire WHERE trigger_name = ? AND state = 'OPEN' AND owner = ?
      ORDER BY fire_time""";
  private static final String REQUESTED =
      """
      SELECT fire_time, kind FROM fire WHERE trigger_name = ? AND state = 'REQUESTED'
      ORDER BY CASE WHEN kind = 'MANUAL' THEN 0 ELSE 1 END, fire_time LIMIT ?""";
  private static final String TAKE =
      """
      UPDATE fire SET state = 'OPEN', owner = ?
      WHERE trigger_name = ? AND fire_time = ? AND state = 'REQUESTED'""";
  private static final String PAUSED =
      "SELECT COUNT(*) FROM cron_trigger WHERE trigger_name = ? AND paused = 1";
  private static final String TAKE_OVER =
      "UPDATE fire SET owner = ? WHERE trigger_name = ? AND state = 'OPEN' AND ";
  private static final String PRUNE =
      """
      DELETE FROM fire WHERE trigger_name = ? AND state NOT IN ('OPEN', 'REQUESTED')
      AND (kind <> 'SCHEDULED' OR fire_time <
        (SELECT MAX(fire_time) FROM fire WHERE trigger_name = ? AND kind = 'SCHEDULED'))
      AND (fire_time < ? OR fire_time < (SELECT fire_time FROM fire WHERE trigger_name = ?
        ORDER BY fire_time DESC LIMIT 1 OFFSET ?))""";

  private final GroupWriter writer;
  private final Readers readers;
  private final Clock clock;
  private final Replica replica;
  private final FireWatch watch;

  /** Claims since a trigger's rows were pruned. Confined to the writer's thread. */
  private final Map<String, Integer> claims = new HashMap<>();

  /** Triggers whose rows are to be pruned. Confined to the writer's thread. */
  private final Set<String> toPrune = new LinkedHashSet<>();

  JdbcFireLedger(GroupWriter writer, Readers readers, Clock clock, Replica replica) {
    this.writer = writer;
    this.readers = readers;
    this.clock = clock;
    this.replica = replica;
    this.watch = new FireWatch(readers, replica);
  }

  @Override
  public CompletionStage<Boolean> claim(String trigger, Instant gridTime, State state) {
    return writer.submit(
        Write.of(
            CLAIM,
            Order.KEPT,
            200,
            statement -> {
              statement.setString(1, trigger);
              statement.setLong(2, Micros.of(gridTime));
              statement.setString(3, state.name());
              statement.setLong(4, replica.number());
              count(trigger);
            },
            changed -> changed > 0));
  }

  /** Beside a worker, other processes only ask for fires; no one else takes them. */
  @Override
  public boolean exclusive() {
    return !replica.shared();
  }

  @Override
  public CompletionStage<Void> settle(String trigger, Instant gridTime) {
    return writer.submit(
        Write.of(
            SETTLE,
            Order.KEPT,
            200,
            statement -> {
              statement.setString(1, trigger);
              statement.setLong(2, Micros.of(gridTime));
            }));
  }

  @Override
  public Optional<Instant> latest(String trigger) {
    return readers.read(
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(LATEST)) {
            statement.setString(1, trigger);
            try (ResultSet row = statement.executeQuery()) {
              row.next();
              long time = row.getLong(1);
              return Micros.optional(time, row.wasNull());
            }
          }
        });
  }

  @Override
  public List<Fire> open(String trigger) {
    return readers.read(
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(OPEN)) {
            statement.setString(1, trigger);
            return fires(statement);
          }
        });
  }

  @Override
  public List<Fire> takeOver(String trigger) {
    if (!replica.shared()) {
      return open(trigger);
    }
    GroupWriter.await(
        writer.submit(
            Write.of(
                TAKE_OVER + replica.gone(),
                Order.KEPT,
                200,
                statement -> {
                  statement.setLong(1, replica.number());
                  statement.setString(2, trigger);
                })));
    return own(trigger);
  }

  @Override
  public List<Fire> takeRequests(String trigger, int limit) {
    Map<Fire, CompletionStage<Boolean>> asked = new LinkedHashMap<>();
    for (Fire fire : requested(trigger, limit)) {
      asked.put(fire, writer.submit(take(trigger, fire)));
    }
    List<Fire> taken = new ArrayList<>();
    asked.forEach(
        (fire, won) -> {
          if (GroupWriter.await(won)) {
            taken.add(fire);
          }
        });
    return taken;
  }

  private Write<Boolean> take(String trigger, Fire fire) {
    return Write.of(
        TAKE,
        Order.KEPT,
        200,
        statement -> {
          statement.setLong(1, replica.number());
          statement.setString(2, trigger);
          statement.setLong(3, Micros.of(fire.time()));
        },
        changed -> changed > 0);
  }

  private List<Fire> requested(String trigger, int limit) {
    return readers.read(
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(REQUESTED)) {
            statement.setString(1, trigger);
            statement.setInt(2, limit);
            return fires(statement);
          }
        });
  }

  @Override
  public boolean paused(String trigger) {
    return readers.read(
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(PAUSED)) {
            statement.setString(1, trigger);
            try (ResultSet row = statement.executeQuery()) {
              row.next();
              return row.getInt(1) > 0;
            }
          }
        });
  }

  @Override
  public Watch watch(String trigger, Runnable changed) {
    return watch.add(trigger, changed);
  }

  /** Watches no more. */
  void end() {
    watch.close();
  }

  private List<Fire> own(String trigger) {
    return readers.read(
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(OWN)) {
            statement.setString(1, trigger);
            statement.setLong(2, replica.number());
            return fires(statement);
          }
        });
  }

  private static List<Fire> fires(PreparedStatement statement) throws SQLException {
    List<Fire> fires = new ArrayList<>();
    try (ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        fires.add(new Fire(Micros.instant(row.getLong(1)), Fire.Kind.valueOf(row.getString(2))));
      }
    }
    return fires;
  }

  /** A trigger's rows are pruned at its first claim and every 500 claims. */
  private void count(String trigger) {
    int since = claims.merge(trigger, 1, Integer::sum);
    if (since == 1 || since > CLAIMS_BETWEEN_PRUNES) {
      claims.put(trigger, 1);
      toPrune.add(trigger);
    }
  }

  /** Prunes few at a time: what is in this transaction waits for it. */
  @Override
  public void run(Session session) throws SQLException {
    List<String> some = toPrune.stream().limit(PRUNED_AT_ONCE).toList();
    for (String trigger : some) {
      prune(session, trigger);
    }
    some.forEach(toPrune::remove);
  }

  private void prune(Session session, String trigger) throws SQLException {
    PreparedStatement statement = session.statement(PRUNE);
    statement.setString(1, trigger);
    statement.setString(2, trigger);
    statement.setLong(3, Micros.of(clock.instant().minus(KEPT)));
    statement.setString(4, trigger);
    statement.setInt(5, KEPT_ROWS - 1);
    statement.executeUpdate();
  }
}
