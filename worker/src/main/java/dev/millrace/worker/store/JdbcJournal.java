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
 * The journal as a table. Events that were appended together share rows, see {@link JournalRow}.
 * Rows of settled events are deleted: marking them made the file grow without end. Events are
 * encoded on their caller's thread, numbered on the writer's.
 *
 * <p>A row belongs to the worker that received it. Whoever takes it over gives its events numbers
 * of its own, so that they come after everything that the new owner has read so far.
 */
final class JdbcJournal implements Journal, GroupWriter.BeforeCommit {

  private static final Logger log = LoggerFactory.getLogger(JdbcJournal.class);

  private static final String APPEND =
      """
      INSERT INTO journal (sequence, trigger_name, event, owner, events, finished)
      VALUES (?, ?, ?, ?, ?, ?)""";
  private static final String READ =
      """
      SELECT sequence, events, finished, event FROM journal
      WHERE trigger_name = ? AND owner = ? AND sequence > ?
      ORDER BY sequence LIMIT ?""";

  /** Not if its owner, who may be slow and not gone, has noted something meanwhile. */
  private static final String ADOPT =
      """
      UPDATE journal SET owner = ?, sequence = ?
      WHERE owner = ? AND sequence = ? AND finished = ?""";

  private static final int ADOPTED_AT_ONCE = 500;

  private static final int MOST_ROWS_READ = 256;

  /** Enough to share what a row costs; little enough to be read again for one event. */
  private static final long ROW_BYTES = 128 << 10;

  /** An event waits for its row, but has waited on its way, too; and rows come by the dozen. */
  private static final int APPEND_PATIENCE = 3;

  /** Nobody waits for a removal: it goes along with the next append if there is one. */
  private static final int REMOVE_PATIENCE = 5;

  private final GroupWriter writer;
  private final Readers readers;
  private final Counter counter;
  private final Replica replica;
  private final JournalRemovals removals;
  private final String orphans;

  JdbcJournal(GroupWriter writer, Readers readers, Counter counter, Replica replica) {
    this.writer = writer;
    this.readers = readers;
    this.counter = counter;
    this.replica = replica;
    this.removals = new JournalRemovals(replica.number());
    this.orphans =
        """
        SELECT owner, sequence, events, finished FROM journal WHERE trigger_name = ? AND %s
        ORDER BY owner, sequence LIMIT ?"""
            .formatted(replica.gone());
  }

  @Override
  public CompletionStage<Long> append(String trigger, List<? extends Event> events) {
    if (events.isEmpty()) {
      throw new IllegalArgumentException("there must be events to append");
    }
    return writer.submit(new Append(trigger, rows(events)));
  }

  /** The content of a row, and how many events it holds. */
  private record Content(byte[] bytes, int events) {

    static Content of(List<? extends Event> events) {
      byte[] bytes =
          events.size() == 1 ? EventCodec.encode(events.getFirst()) : EventCodec.encodeAll(events);
      return new Content(bytes, events.size());
    }
  }

  private static List<Content> rows(List<? extends Event> events) {
    List<Content> rows = new ArrayList<>();
    int start = 0;
    long bytes = 0;
    for (int i = 0; i < events.size(); i++) {
      long more = events.get(i).size();
      if (i > start && (i - start == JournalRow.MOST_EVENTS || bytes + more > ROW_BYTES)) {
        rows.add(Content.of(events.subList(start, i)));
        start = i;
        bytes = 0;
      }
      bytes += more;
    }
    rows.add(Content.of(events.subList(start, events.size())));
    return rows;
  }

  @Override
  public CompletionStage<Void> remove(String trigger, List<Long> sequences) {
    return writer.submit(new Removal(sequences));
  }

  @Override
  public void run(Session session) throws SQLException {
    removals.run(session);
  }

  @Override
  public List<Long> takeOver(String trigger) {
    List<Long> adopted = new ArrayList<>();
    List<Orphan> orphans = replica.shared() ? orphans(trigger) : List.of();
    while (!orphans.isEmpty()) {
      List<CompletionStage<Optional<JournalRow>>> adoptions = new ArrayList<>();
      orphans.forEach(orphan -> adoptions.add(writer.submit(new Adoption(orphan))));
      adoptions.forEach(
          adoption -> GroupWriter.await(adoption).ifPresent(row -> addUnfinished(row, adopted)));
      orphans = orphans.size() < ADOPTED_AT_ONCE ? List.of() : orphans(trigger);
    }
    return adopted;
  }

  private static void addUnfinished(JournalRow row, List<Long> sequences) {
    for (long event = row.first(); event <= row.sequence(); event++) {
      if (!row.isFinished(event)) {
        sequences.add(event);
      }
    }
  }

  private record Orphan(long owner, JournalRow row) {}

  private List<Orphan> orphans(String trigger) {
    return readers.read(
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(orphans)) {
            statement.setString(1, trigger);
            statement.setInt(2, ADOPTED_AT_ONCE);
            List<Orphan> orphans = new ArrayList<>();
            try (ResultSet row = statement.executeQuery()) {
              while (row.next()) {
                orphans.add(
                    new Orphan(
                        row.getLong(1),
                        new JournalRow(row.getLong(2), row.getInt(3), row.getLong(4))));
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
    int rowsAtOnce = limit / JournalRow.MOST_EVENTS + 1; // more once they are seen to hold few
    while (entries.size() < limit) {
      List<Row> rows = readRows(trigger, after, Math.min(rowsAtOnce, limit - entries.size()));
      if (rows.isEmpty()) {
        break;
      }
      for (Row row : rows) {
        addTo(entries, trigger, row, after, limit);
      }
      after = rows.getLast().row().sequence();
      rowsAtOnce = Math.min(4 * rowsAtOnce, MOST_ROWS_READ);
    }
    return entries;
  }

  private record Row(JournalRow row, byte[] content) {}

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
                rows.add(
                    new Row(
                        new JournalRow(row.getLong(1), row.getInt(2), row.getLong(3)),
                        row.getBytes(4)));
              }
            }
            return rows;
          }
        });
  }

  private static void addTo(List<Entry> entries, String trigger, Row row, long after, int limit) {
    JournalRow of = row.row();
    long event = of.first();
    for (byte[] encoded : split(trigger, row)) {
      if (event > after && !of.isFinished(event) && entries.size() < limit) {
        Entry entry = decode(trigger, event, encoded);
        if (entry != null) {
          entries.add(entry);
        }
      }
      event++;
    }
  }

  private static List<byte[]> split(String trigger, Row row) {
    int events = row.row().events();
    if (events == 1) {
      return List.of(row.content());
    }
    try {
      return EventCodec.split(row.content(), events);
    } catch (MalformedEventException e) {
      damaged(trigger, row.row().first(), events, e);
      return List.of();
    }
  }

  /** An event that the disk damaged must not keep the others from coming back. */
  private static @Nullable Entry decode(String trigger, long sequence, byte[] encoded) {
    try {
      return new Entry(sequence, EventCodec.decode(encoded));
    } catch (MalformedEventException e) {
      damaged(trigger, sequence, 1, e);
      return null;
    }
  }

  private static void damaged(
      String trigger, long sequence, int events, MalformedEventException cause) {
    log.atError()
        .addKeyValue("trigger", trigger)
        .addKeyValue("sequence", sequence)
        .addKeyValue("events", events)
        .addKeyValue("reason", cause.getMessage())
        .log("a kept event is damaged and cannot run; it stays in the journal to be looked at");
  }

  /** Its events get numbers without a gap: the writer binds its rows one after the other. */
  private final class Append extends Write<Long> {
    private final String trigger;
    private final List<Content> rows;
    private final int events;
    private long first;

    Append(String trigger, List<Content> rows) {
      super(APPEND, Order.FREE, bytes(rows), APPEND_PATIENCE);
      this.trigger = trigger;
      this.rows = rows;
      this.events = rows.stream().mapToInt(Content::events).sum();
    }

    private static int bytes(List<Content> rows) {
      long bytes = 0;
      for (Content row : rows) {
        bytes += row.bytes().length + 200;
      }
      return (int) Math.min(bytes, Integer.MAX_VALUE);
    }

    @Override
    int weight() {
      return events;
    }

    @Override
    int executions() {
      return rows.size();
    }

    @Override
    void bind(PreparedStatement statement, int execution) throws SQLException {
      Content row = rows.get(execution);
      long last = counter.next(row.events());
      if (execution == 0) {
        first = last - row.events() + 1;
      }
      statement.setLong(1, last);
      statement.setString(2, trigger);
      statement.setBytes(3, row.bytes());
      statement.setLong(4, replica.number());
      statement.setInt(5, row.events());
      statement.setLong(6, JournalRow.NONE_FINISHED);
    }

    @Override
    void bind(PreparedStatement statement) {
      throw new IllegalStateException("it is bound row by row");
    }

    @Override
    Long answer(int changedRows) {
      return first;
    }
  }

  /**
   * Leaves its events to {@link JournalRemovals}, which does all that came together at the end of
   * the commit. Free to overtake, since nobody knows a sequence before its row is committed.
   */
  private final class Removal extends Write<Void> {
    private final long[] sequences;

    Removal(List<Long> sequences) {
      super(JournalRemovals.DELETE, Order.FREE, 100 + 8 * sequences.size(), REMOVE_PATIENCE);
      this.sequences = sequences.stream().mapToLong(Long::longValue).toArray();
    }

    @Override
    boolean batched() {
      return false;
    }

    @Override
    int execute(PreparedStatement statement) {
      removals.add(sequences);
      return 0;
    }

    @Override
    void bind(PreparedStatement statement) {
      throw new IllegalStateException("it is not bound");
    }

    @Override
    Void answer(int changedRows) {
      return null;
    }
  }

  /** Succeeds for one of the workers that try it; answers with the row as it is now. */
  private final class Adoption extends Write<Optional<JournalRow>> {
    private final Orphan orphan;
    private long sequence;

    Adoption(Orphan orphan) {
      super(ADOPT, Order.FREE, 100);
      this.orphan = orphan;
    }

    @Override
    void bind(PreparedStatement statement) throws SQLException {
      JournalRow row = orphan.row();
      sequence = counter.next(row.events());
      statement.setLong(1, replica.number());
      statement.setLong(2, sequence);
      statement.setLong(3, orphan.owner());
      statement.setLong(4, row.sequence());
      statement.setLong(5, row.finished());
    }

    @Override
    Optional<JournalRow> answer(int changedRows) {
      JournalRow row = orphan.row();
      return changedRows > 0
          ? Optional.of(new JournalRow(sequence, row.events(), row.finished()))
          : Optional.empty();
    }
  }
}
