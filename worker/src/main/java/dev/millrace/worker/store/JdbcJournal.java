package dev.millrace.worker.store;

import dev.millrace.abi.Event;
import dev.millrace.abi.EventCodec;
import dev.millrace.abi.MalformedEventException;
import dev.millrace.triggers.Journal;
import dev.millrace.worker.store.Write.Order;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The journal as a table. Rows of settled events are deleted: marking them made the file grow
 * without end. An event is encoded on its caller's thread, numbered on the writer's.
 */
final class JdbcJournal implements Journal {

  private static final Logger log = LoggerFactory.getLogger(JdbcJournal.class);

  private static final String APPEND =
      "INSERT INTO journal (sequence, trigger_name, event) VALUES (?, ?, ?)";
  private static final String REMOVE = "DELETE FROM journal WHERE sequence = ?";
  private static final String READ =
      """
      SELECT sequence, event FROM journal WHERE trigger_name = ? AND sequence > ?
      ORDER BY sequence LIMIT ?""";

  private final GroupWriter writer;
  private final Readers readers;
  private final Counter counter;

  JdbcJournal(GroupWriter writer, Readers readers, Counter counter) {
    this.writer = writer;
    this.readers = readers;
    this.counter = counter;
  }

  @Override
  public CompletionStage<Long> append(String trigger, Event event) {
    return writer.submit(new Append(trigger, EventCodec.encode(event)));
  }

  @Override
  public CompletionStage<Void> remove(String trigger, long sequence) {
    // Free to overtake: nobody knows a sequence before its row is committed.
    return writer.submit(
        Write.of(REMOVE, Order.FREE, 100, statement -> statement.setLong(1, sequence)));
  }

  @Override
  public List<Entry> read(String trigger, long afterSequence, int limit) {
    List<Entry> entries = new ArrayList<>();
    long after = afterSequence;
    while (entries.size() < limit) {
      List<Row> rows = readRows(trigger, after, limit - entries.size());
      if (rows.isEmpty()) {
        break;
      }
      for (Row row : rows) {
        Entry entry = decode(trigger, row);
        if (entry != null) {
          entries.add(entry);
        }
      }
      after = rows.getLast().sequence();
    }
    return entries;
  }

  private record Row(long sequence, byte[] event) {}

  private List<Row> readRows(String trigger, long after, int limit) {
    return readers.read(
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(READ)) {
            statement.setString(1, trigger);
            statement.setLong(2, after);
            statement.setInt(3, limit);
            List<Row> rows = new ArrayList<>();
            try (ResultSet row = statement.executeQuery()) {
              while (row.next()) {
                rows.add(new Row(row.getLong(1), row.getBytes(2)));
              }
            }
            return rows;
          }
        });
  }

  /** A row that the disk damaged must not keep the others from coming back. */
  private static @Nullable Entry decode(String trigger, Row row) {
    try {
      return new Entry(row.sequence(), EventCodec.decode(row.event()));
    } catch (MalformedEventException e) {
      log.atError()
          .addKeyValue("trigger", trigger)
          .addKeyValue("sequence", row.sequence())
          .addKeyValue("reason", e.getMessage())
          .log("a kept event is damaged and cannot run; it stays in the journal to be looked at");
      return null;
    }
  }

  private final class Append extends Write<Long> {
    private final String trigger;
    private final byte[] event;
    private long sequence;

    Append(String trigger, byte[] event) {
      super(APPEND, Order.FREE, event.length + 200);
      this.trigger = trigger;
      this.event = event;
    }

    @Override
    void bind(PreparedStatement statement) throws SQLException {
      sequence = counter.next();
      statement.setLong(1, sequence);
      statement.setString(2, trigger);
      statement.setBytes(3, event);
    }

    @Override
    Long answer(int changedRows) {
      return sequence;
    }
  }
}
