package dev.millrace.worker.store;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.abi.EventCodec;
import dev.millrace.abi.MalformedEventException;
import dev.millrace.worker.store.Write.Order;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/**
 * Parked keys and their queues as two tables.
 *
 * <p>Where workers share the store, a key's row is what they meet at: whoever appends to its queue
 * or parks it again raises its revision, and whoever ends the parking deletes the row only in the
 * revision in which the queue was seen to be empty. PostgreSQL looks again at a row that it had to
 * wait for, but not at other tables; that is why the revision is in the row.
 */
final class JdbcKeyQueues implements KeyQueues {

  private static final String PARK =
      """
      INSERT INTO parked_key (trigger_name, lane, letter_id, parked_at) VALUES (?, ?, ?, ?)
      ON CONFLICT (trigger_name, lane) DO UPDATE SET
        letter_id = excluded.letter_id, revision = parked_key.revision + 1""";

  /** One row changes if the key is parked, whether the event is new in the queue or not. */
  private static final String APPEND =
      """
      INSERT INTO key_queue (trigger_name, lane, receipt, received_at, event)
      SELECT trigger_name, lane, ?, ?, ? FROM parked_key WHERE trigger_name = ? AND lane = ?
      ON CONFLICT (trigger_name, lane, receipt) DO UPDATE SET received_at = key_queue.received_at""";

  /** The same for workers at once: it keeps the row until the commit, and the revision rises. */
  private static final String APPEND_SHARED =
      """
      WITH lane AS (
        UPDATE parked_key SET revision = revision + 1 WHERE trigger_name = ? AND lane = ?
        RETURNING trigger_name, lane)
      INSERT INTO key_queue (trigger_name, lane, receipt, received_at, event)
      SELECT trigger_name, lane, ?, ?, ? FROM lane
      ON CONFLICT (trigger_name, lane, receipt) DO UPDATE SET received_at = key_queue.received_at""";

  private static final String REMOVE = "DELETE FROM key_queue WHERE sequence = ?";

  private static final String LETTER_LEFT =
      "NOT EXISTS (SELECT 1 FROM dead_letter WHERE dead_letter.id = parked_key.letter_id)";
  private static final String UNPARK =
      """
      DELETE FROM parked_key WHERE trigger_name = ? AND lane = ? AND %s AND NOT EXISTS (
        SELECT 1 FROM key_queue
        WHERE key_queue.trigger_name = parked_key.trigger_name
          AND key_queue.lane = parked_key.lane)
      AND revision = (
        SELECT seen.revision FROM parked_key AS seen
        WHERE seen.trigger_name = parked_key.trigger_name AND seen.lane = parked_key.lane)"""
          .formatted(LETTER_LEFT);
  private static final String HOLDS =
      """
      UPDATE parked_key SET owner = owner
      WHERE trigger_name = ? AND lane = ? AND owner = ?
        AND EXISTS (SELECT 1 FROM key_queue WHERE sequence = ?)""";
  private static final String PARKED =
      "SELECT lane, letter_id FROM parked_key WHERE trigger_name = ? ORDER BY parked_at, lane";
  private static final String LIST =
      """
      SELECT trigger_name, lane, letter_id, parked_at, (
        SELECT COUNT(*) FROM key_queue
        WHERE key_queue.trigger_name = parked_key.trigger_name
          AND key_queue.lane = parked_key.lane)
      FROM parked_key""";
  private static final String COUNT =
      "SELECT trigger_name, COUNT(*) FROM parked_key GROUP BY trigger_name";
  private static final String LONGEST_FIRST = " ORDER BY parked_at, trigger_name, lane LIMIT ?";
  private static final String OLDEST =
      """
      SELECT sequence, event, received_at FROM key_queue WHERE trigger_name = ? AND lane = ?
      ORDER BY sequence LIMIT ?""";

  private final GroupWriter writer;
  private final Readers readers;
  private final Replica replica;
  private final String claim;
  private final String freed;

  JdbcKeyQueues(GroupWriter writer, Readers readers, Replica replica) {
    this.writer = writer;
    this.readers = readers;
    this.replica = replica;
    String free = LETTER_LEFT + " AND " + replica.free();
    this.claim = "UPDATE parked_key SET owner = ? WHERE trigger_name = ? AND lane = ? AND " + free;
    this.freed = LIST + " WHERE " + free + LONGEST_FIRST;
  }

  @Override
  public CompletionStage<Void> park(String trigger, String lane, String letterId, Instant now) {
    return writer.submit(
        Write.of(
            PARK,
            Order.KEPT,
            lane.length() + letterId.length() + 200,
            statement -> {
              statement.setString(1, trigger);
              statement.setString(2, lane);
              statement.setString(3, letterId);
              statement.setLong(4, Micros.of(now));
            }));
  }

  @Override
  public CompletionStage<Boolean> appendIfParked(
      String trigger, String lane, DetachedEvent event, Instant receivedAt) {
    byte[] bytes = EventCodec.encode(event);
    int key = replica.shared() ? 1 : 4;
    int row = replica.shared() ? 3 : 1;
    return writer.submit(
        Write.of(
            replica.shared() ? APPEND_SHARED : APPEND,
            Order.KEPT,
            bytes.length + lane.length() + 300,
            statement -> {
              statement.setString(key, trigger);
              statement.setString(key + 1, lane);
              statement.setString(row, event.receipt());
              statement.setLong(row + 1, Micros.of(receivedAt));
              statement.setBytes(row + 2, bytes);
            },
            changed -> changed > 0));
  }

  @Override
  public CompletionStage<Boolean> claim(String trigger, String lane) {
    return writer.submit(
        Write.of(
            claim,
            Order.KEPT,
            lane.length() + 200,
            statement -> {
              statement.setLong(1, replica.number());
              statement.setString(2, trigger);
              statement.setString(3, lane);
            },
            changed -> changed > 0));
  }

  @Override
  public CompletionStage<Boolean> holds(String trigger, String lane, long sequence) {
    return writer.submit(
        Write.of(
            HOLDS,
            Order.KEPT,
            lane.length() + 200,
            statement -> {
              statement.setString(1, trigger);
              statement.setString(2, lane);
              statement.setLong(3, replica.number());
              statement.setLong(4, sequence);
            },
            changed -> changed > 0));
  }

  @Override
  public CompletionStage<Boolean> remove(long sequence) {
    return writer.submit(
        Write.of(
            REMOVE,
            Order.KEPT,
            100,
            statement -> statement.setLong(1, sequence),
            changed -> changed > 0));
  }

  @Override
  public CompletionStage<Boolean> unparkIfEmpty(String trigger, String lane) {
    return writer.submit(
        Write.of(
            UNPARK,
            Order.KEPT,
            lane.length() + 200,
            statement -> {
              statement.setString(1, trigger);
              statement.setString(2, lane);
            },
            changed -> changed > 0));
  }

  @Override
  public Map<String, String> parked(String trigger) {
    return readers.read(
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(PARKED)) {
            statement.setString(1, trigger);
            Map<String, String> parked = new LinkedHashMap<>();
            try (ResultSet row = statement.executeQuery()) {
              while (row.next()) {
                parked.put(row.getString(1), row.getString(2));
              }
            }
            return parked;
          }
        });
  }

  @Override
  public Map<String, Long> countByTrigger() {
    return readers.read(
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(COUNT);
              ResultSet row = statement.executeQuery()) {
            Map<String, Long> counts = new HashMap<>();
            while (row.next()) {
              counts.put(row.getString(1), row.getLong(2));
            }
            return counts;
          }
        });
  }

  @Override
  public List<ParkedKey> list(int limit) {
    return select(LIST + LONGEST_FIRST, limit);
  }

  @Override
  public List<ParkedKey> freed(int limit) {
    return select(freed, limit);
  }

  private List<ParkedKey> select(String sql, int limit) {
    return readers.read(
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setInt(1, limit);
            List<ParkedKey> found = new ArrayList<>();
            try (ResultSet row = statement.executeQuery()) {
              while (row.next()) {
                found.add(
                    new ParkedKey(
                        row.getString(1),
                        row.getString(2),
                        row.getString(3),
                        Micros.instant(row.getLong(4)),
                        row.getLong(5)));
              }
            }
            return found;
          }
        });
  }

  /** A row that the disk damaged ends the list: what is behind it must not overtake it. */
  @Override
  public List<Queued> oldest(String trigger, String lane, int limit) {
    return readers.read(
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(OLDEST)) {
            statement.setString(1, trigger);
            statement.setString(2, lane);
            statement.setInt(3, limit);
            List<Queued> found = new ArrayList<>();
            try (ResultSet row = statement.executeQuery()) {
              while (row.next()) {
                found.add(queued(row, trigger, lane));
              }
            }
            return found;
          }
        });
  }

  private static Queued queued(ResultSet row, String trigger, String lane) throws SQLException {
    try {
      return new Queued(
          row.getLong(1), EventCodec.decode(row.getBytes(2)), Micros.instant(row.getLong(3)));
    } catch (MalformedEventException e) {
      throw new StoreException(
          "event "
              + row.getLong(1)
              + " in the queue of key '"
              + lane
              + "' of trigger '"
              + trigger
              + "' is damaged; the key stays parked",
          e);
    }
  }
}
