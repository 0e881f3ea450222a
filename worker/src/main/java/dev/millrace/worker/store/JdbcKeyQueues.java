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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/** Parked keys and their queues as two tables. */
final class JdbcKeyQueues implements KeyQueues {

  private static final String PARK =
      """
      INSERT INTO parked_key (trigger_name, lane, letter_id, parked_at) VALUES (?, ?, ?, ?)
      ON CONFLICT (trigger_name, lane) DO UPDATE SET letter_id = excluded.letter_id""";
  private static final String APPEND =
      """
      INSERT INTO key_queue (trigger_name, lane, receipt, received_at, event)
      VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (trigger_name, lane, receipt) DO NOTHING""";
  private static final String REMOVE = "DELETE FROM key_queue WHERE sequence = ?";
  private static final String UNPARK =
      """
      DELETE FROM parked_key WHERE trigger_name = ? AND lane = ? AND NOT EXISTS (
        SELECT 1 FROM key_queue
        WHERE key_queue.trigger_name = parked_key.trigger_name
          AND key_queue.lane = parked_key.lane)""";
  private static final String PARKED =
      "SELECT lane, letter_id FROM parked_key WHERE trigger_name = ? ORDER BY parked_at, lane";
  private static final String LIST =
      """
      SELECT trigger_name, lane, letter_id, parked_at, (
        SELECT COUNT(*) FROM key_queue
        WHERE key_queue.trigger_name = parked_key.trigger_name
          AND key_queue.lane = parked_key.lane)
      FROM parked_key""";
  private static final String FREED =
      " WHERE NOT EXISTS (SELECT 1 FROM dead_letter WHERE dead_letter.id = parked_key.letter_id)";
  private static final String LONGEST_FIRST = " ORDER BY parked_at, trigger_name, lane LIMIT ?";
  private static final String OLDEST =
      """
      SELECT sequence, event, received_at FROM key_queue WHERE trigger_name = ? AND lane = ?
      ORDER BY sequence LIMIT ?""";

  private final GroupWriter writer;
  private final Readers readers;

  JdbcKeyQueues(GroupWriter writer, Readers readers) {
    this.writer = writer;
    this.readers = readers;
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
  public CompletionStage<Void> append(
      String trigger, String lane, DetachedEvent event, Instant receivedAt) {
    byte[] bytes = EventCodec.encode(event);
    return writer.submit(
        Write.of(
            APPEND,
            Order.KEPT,
            bytes.length + lane.length() + 300,
            statement -> {
              statement.setString(1, trigger);
              statement.setString(2, lane);
              statement.setString(3, event.receipt());
              statement.setLong(4, Micros.of(receivedAt));
              statement.setBytes(5, bytes);
            }));
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
  public List<ParkedKey> list(int limit) {
    return select(LIST + LONGEST_FIRST, limit);
  }

  @Override
  public List<ParkedKey> freed(int limit) {
    return select(LIST + FREED + LONGEST_FIRST, limit);
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
