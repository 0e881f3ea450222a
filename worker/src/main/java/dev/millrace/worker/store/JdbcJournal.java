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
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The journal as a table. Rows of settled events are deleted: marking them made the file grow
 * without end. An event is encoded on its caller's thread, numbered on the writer's.
 *
 * <p>A row belongs to the worker that received it. Whoever takes it over gives it a number of its
 * own, so that it comes after everything that the new owner has read so far.
 */
final class JdbcJournal implements Journal {

  private static final Logger log = LoggerFactory.getLogger(JdbcJournal.class);

  private static final String APPEND =
      "INSERT INTO journal (sequence, trigger_name, event, owner) VALUES (?, ?, ?, ?)";
  private static final String REMOVE =
      "DELETE FROM journal WHERE sequence BETWEEN ? AND ? AND owner = ?";
  private static final String READ =
      """
      SELECT sequence, event FROM journal WHERE trigger_name = ? AND owner = ? AND sequence > ?
      ORDER BY sequence LIMIT ?""";
  private static final String ADOPT =
      "UPDATE journal SET owner = ?, sequence = ? WHERE owner = ? AND sequence = ?";
  private static final int ADOPTED_AT_ONCE = 500;

  /** An event waits for its row, but has waited on its way, too; and rows come by the dozen. */
  private static final int APPEND_PATIENCE = 3;

  /** Nobody waits for a removal: it goes along with the next append if there is one. */
  private static final int REMOVE_PATIENCE = 5;

  private final GroupWriter writer;
  private final Readers readers;
  private final Counter counter;
  private final Replica replica;
  private final String orphans;

  JdbcJournal(GroupWriter writer, Readers readers, Counter counter, Replica replica) {
    this.writer = writer;
    this.readers = readers;
    this.counter = counter;
    this.replica = replica;
    this.orphans =
        """
        SELECT owner, sequence FROM journal WHERE trigger_name = ? AND %s
        ORDER BY owner, sequence LIMIT ?"""
            .formatted(replica.gone());
  }

  @Override
  public CompletionStage<Long> append(String trigger, Event event) {
    return writer.submit(new Append(trigger, EventCodec.encode(event)));
  }

  @Override
  public CompletionStage<Void> remove(String trigger, List<Long> sequences) {
    return writer.submit(new Removal(sequences));
  }

  @Override
  public List<Long> takeOver(String trigger) {
    List<Long> adopted = new ArrayList<>();
    List<Orphan> orphans = replica.shared() ? orphans(trigger) : List.of();
    while (!orphans.isEmpty()) {
      List<CompletionStage<Optional<Long>>> adoptions = new ArrayList<>();
      orphans.forEach(orphan -> adoptions.add(writer.submit(new Adoption(orphan))));
      adoptions.forEach(adoption -> GroupWriter.await(adoption).ifPresent(adopted::add));
      orphans = orphans.size() < ADOPTED_AT_ONCE ? List.of() : orphans(trigger);
    }
    return adopted;
  }

  private record Orphan(long owner, long sequence) {}

  private List<Orphan> orphans(String trigger) {
    return readers.read(
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(orphans)) {
            statement.setString(1, trigger);
            statement.setInt(2, ADOPTED_AT_ONCE);
            List<Orphan> orphans = new ArrayList<>();
            try (ResultSet row = statement.executeQuery()) {
              while (row.next()) {
                orphans.add(new Orphan(row.getLong(1), row.getLong(2)));
              }
            }
            return orphans;
          }
        });
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
            statement.setLong(2, replica.number());
            statement.setLong(3, after);
            statement.setInt(4, limit);
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
      super(APPEND, Order.FREE, event.length + 200, APPEND_PATIENCE);
      this.trigger = trigger;
      this.event = event;
    }

    @Override
    void bind(PreparedStatement statement) throws SQLException {
      sequence = counter.next();
      statement.setLong(1, sequence);
      statement.setString(2, trigger);
      statement.setBytes(3, event);
      statement.setLong(4, replica.number());
    }

    @Override
    Long answer(int changedRows) {
      return sequence;
    }
  }

  /**
   * Deletes the rows of finished events, one statement for each run of neighbours: events end more
   * or less in the order in which they came. Free to overtake, since nobody knows a sequence before
   * its row is committed.
   */
  private final class Removal extends Write<Void> {
    /** First and last of each run. */
    private final List<long[]> runs = new ArrayList<>();

    Removal(List<Long> sequences) {
      super(REMOVE, Order.FREE, 100 + 8 * sequences.size(), REMOVE_PATIENCE);
      long[] sorted = sequences.stream().mapToLong(Long::longValue).sorted().toArray();
      for (long sequence : sorted) {
        long[] run = runs.isEmpty() ? null : runs.getLast();
        if (run != null && sequence <= run[1] + 1) {
          run[1] = sequence;
        } else {
          runs.add(new long[] {sequence, sequence});
        }
      }
    }

    @Override
    int executions() {
      return runs.size();
    }

    @Override
    void bind(PreparedStatement statement, int execution) throws SQLException {
      long[] run = runs.get(execution);
      statement.setLong(1, run[0]);
      statement.setLong(2, run[1]);
      statement.setLong(3, replica.number());
    }

    @Override
    void bind(PreparedStatement statement) throws SQLException {
      throw new IllegalStateException("it is bound run by run");
    }

    @Override
    Void answer(int changedRows) {
      return null;
    }
  }

  /** Succeeds for one of the workers that try it; answers with the row's new number. */
  private final class Adoption extends Write<Optional<Long>> {
    private final Orphan orphan;
    private long sequence;

    Adoption(Orphan orphan) {
      super(ADOPT, Order.FREE, 100);
      this.orphan = orphan;
    }

    @Override
    void bind(PreparedStatement statement) throws SQLException {
      statement.setLong(1, replica.number());
      sequence = counter.next();
      statement.setLong(2, sequence);
      statement.setLong(3, orphan.owner());
      statement.setLong(4, orphan.sequence());
    }

    @Override
    Optional<Long> answer(int changedRows) {
      return changedRows > 0 ? Optional.of(sequence) : Optional.empty();
    }
  }
}
