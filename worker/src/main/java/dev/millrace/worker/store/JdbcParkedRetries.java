package dev.millrace.worker.store;

import dev.millrace.abi.EventCodec;
import dev.millrace.abi.MalformedEventException;
import dev.millrace.worker.store.Write.Order;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Parked retries as a table. Which of them were handed out is known in memory, on purpose: a crash
 * forgets it, and they are handed out again. Where several workers share the store, the row says
 * for the others whose it is, until it is parked again or its worker is gone.
 */
final class JdbcParkedRetries implements ParkedRetries {

  private static final Logger log = LoggerFactory.getLogger(JdbcParkedRetries.class);

  private static final String PARK =
      """
      INSERT INTO parked (id, trigger_name, function_name, failed_attempts, received_at, due_at,
        attempts, event, owner)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0)
      ON CONFLICT (id) DO UPDATE SET
        trigger_name = excluded.trigger_name, function_name = excluded.function_name,
        failed_attempts = excluded.failed_attempts, received_at = excluded.received_at,
        due_at = excluded.due_at, attempts = excluded.attempts, event = excluded.event, owner = 0""";
  private static final String REMOVE = "DELETE FROM parked WHERE id = ?";
  private static final String COLUMNS =
      "id, trigger_name, function_name, failed_attempts, received_at, due_at, attempts, event";
  private static final String SELECT = "SELECT " + COLUMNS + " FROM parked";

  private static final String IN_ORDER = " ORDER BY due_at, id LIMIT ?";
  private static final String COUNT =
      "SELECT trigger_name, COUNT(*) FROM parked GROUP BY trigger_name";

  private final GroupWriter writer;
  private final Readers readers;
  private final Replica replica;

  /** Of workers that ask at the same time, each gets others. */
  private final String lease;

  private final String nextDue;

  /** Ids handed out and neither parked again, removed nor given back. */
  private final Set<String> taken = ConcurrentHashMap.newKeySet();

  private final ParkedCounts counts = new ParkedCounts();

  JdbcParkedRetries(GroupWriter writer, Readers readers, Replica replica) {
    this.writer = writer;
    this.readers = readers;
    this.replica = replica;
    this.lease =
        """
        UPDATE parked SET owner = ? WHERE id = ANY (ARRAY(
          SELECT id FROM parked WHERE due_at <= ? AND id <> ALL (?) AND %s
          ORDER BY due_at, id LIMIT ? FOR UPDATE SKIP LOCKED))
        RETURNING %s"""
            .formatted(replica.free(), COLUMNS);
    this.nextDue = "SELECT due_at, id FROM parked WHERE " + replica.free() + IN_ORDER;
  }

  @Override
  public CompletionStage<Boolean> park(Parked retry, long most) {
    if (taken.contains(Text.of(retry.id()))) {
      return write(retry).thenApply(done -> true);
    }
    if (!counts.reserve(retry.trigger(), most)) {
      return CompletableFuture.completedStage(false);
    }
    return write(retry)
        .handle(
            (done, failure) -> {
              if (failure == null) {
                counts.stored(retry.trigger());
                return true;
              }
              counts.failed(retry.trigger());
              throw new CompletionException(failure);
            });
  }

  private CompletionStage<Void> write(Parked retry) {
    byte[] event = EventCodec.encode(retry.event());
    String attempts = AttemptsJson.write(retry.attempts());
    return writer
        .submit(
            Write.of(
                PARK,
                Order.KEPT,
                event.length + attempts.length() + 300,
                statement -> {
                  statement.setString(1, Text.of(retry.id()));
                  statement.setString(2, retry.trigger());
                  statement.setString(3, retry.function());
                  statement.setInt(4, retry.failedAttempts());
                  statement.setLong(5, Micros.of(retry.receivedAt()));
                  statement.setLong(6, Micros.of(retry.dueAt()));
                  statement.setString(7, attempts);
                  statement.setBytes(8, event);
                }))
        .thenAccept(done -> taken.remove(Text.of(retry.id())));
  }

  @Override
  public long count(String trigger) {
    return counts.count(trigger);
  }

  @Override
  public void recount() {
    counts.recounted(countByTrigger());
  }

  @Override
  public CompletionStage<Boolean> remove(String id) {
    return writer
        .submit(
            Write.of(
                REMOVE,
                Order.KEPT,
                id.length() + 100,
                statement -> statement.setString(1, Text.of(id)),
                changed -> changed > 0))
        .thenApply(
            removed -> {
              taken.remove(Text.of(id));
              if (removed) {
                counts.removed(triggerOf(id));
              }
              return removed;
            });
  }

  /** A retry's id begins with its trigger's name, which has no slash. */
  private static String triggerOf(String id) {
    int end = id.indexOf('/');
    return end < 0 ? id : id.substring(0, end);
  }

  /**
   * What was taken before the rows are read stays out, even if it is parked again or removed in the
   * meantime: the rows read may be older than that.
   */
  @Override
  public synchronized List<Parked> takeDue(Instant now, int limit) {
    Set<String> alreadyTaken = Set.copyOf(taken);
    if (replica.shared()) {
      List<Parked> leased = lease(now, limit, alreadyTaken);
      leased.forEach(retry -> taken.add(retry.id()));
      return leased;
    }
    List<Parked> handedOut = new ArrayList<>();
    Where due = new Where().and("due_at <= ?", Optional.of(Micros.of(now)));
    for (Parked each : select(due, limit + alreadyTaken.size(), id -> !alreadyTaken.contains(id))) {
      if (handedOut.size() < limit) {
        taken.add(each.id());
        handedOut.add(each);
      }
    }
    return handedOut;
  }

  private List<Parked> lease(Instant now, int limit, Set<String> alreadyTaken) {
    return readers.read(
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(lease)) {
            statement.setLong(1, replica.number());
            statement.setLong(2, Micros.of(now));
            statement.setArray(3, connection.createArrayOf("text", alreadyTaken.toArray()));
            statement.setInt(4, limit);
            List<Parked> leased = new ArrayList<>();
            try (ResultSet row = statement.executeQuery()) {
              while (row.next()) {
                parked(row).ifPresent(leased::add);
              }
            }
            leased.sort(Comparator.comparing(Parked::dueAt).thenComparing(Parked::id));
            return leased;
          }
        });
  }

  /** What is not tried again stays this worker's; the others have it when this one is gone. */
  @Override
  public void giveBack(String id) {
    taken.remove(Text.of(id));
  }

  @Override
  public synchronized Optional<Instant> nextDue() {
    return readers.read(
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(nextDue)) {
            statement.setInt(1, taken.size() + 1);
            try (ResultSet row = statement.executeQuery()) {
              while (row.next()) {
                if (!taken.contains(row.getString(2))) {
                  return Optional.of(Micros.instant(row.getLong(1)));
                }
              }
            }
            return Optional.empty();
          }
        });
  }

  @Override
  public Map<String, Long> countByTrigger() {
    return readers.read(
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(COUNT);
              ResultSet row = statement.executeQuery()) {
            Map<String, Long> counts = new TreeMap<>();
            while (row.next()) {
              counts.put(row.getString(1), row.getLong(2));
            }
            return counts;
          }
        });
  }

  @Override
  public List<Parked> list(Optional<String> trigger, int limit) {
    return select(new Where().and("trigger_name = ?", trigger), limit, id -> true);
  }

  private List<Parked> select(Where where, int limit, Predicate<String> wanted) {
    return readers.read(
        connection -> {
          try (PreparedStatement statement =
              connection.prepareStatement(SELECT + where.sql() + IN_ORDER)) {
            statement.setInt(where.bind(statement), limit);
            List<Parked> found = new ArrayList<>();
            try (ResultSet row = statement.executeQuery()) {
              while (row.next()) {
                if (wanted.test(row.getString(1))) {
                  parked(row).ifPresent(found::add);
                }
              }
            }
            return found;
          }
        });
  }

  /** A row that the disk damaged must not keep the others from their retry: it counts as taken. */
  private Optional<Parked> parked(ResultSet row) throws SQLException {
    String id = row.getString(1);
    try {
      return Optional.of(
          new Parked(
              id,
              EventCodec.decode(row.getBytes(8)),
              row.getString(2),
              row.getString(3),
              row.getInt(4),
              Micros.instant(row.getLong(5)),
              Micros.instant(row.getLong(6)),
              AttemptsJson.read(row.getString(7), id)));
    } catch (MalformedEventException | StoreException e) {
      if (taken.add(id)) {
        log.atError()
            .addKeyValue("id", id)
            .addKeyValue("reason", e.getMessage())
            .log("a parked retry is damaged and cannot run; it stays in the store to be looked at");
      }
      return Optional.empty();
    }
  }
}
