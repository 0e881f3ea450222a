package dev.millrace.worker.store;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Takes finished events out of the journal, at the end of each commit: a row goes when the last of
 * its events has finished, and until then notes which have.
 *
 * <p>Events end more or less in the order in which they came. So the rows of one commit are
 * neighbours, which are looked up together, and deleted by one statement for each run of them.
 *
 * <p>Confined to the writer's thread.
 */
final class JournalRemovals implements GroupWriter.BeforeCommit {

  private static final String ROWS =
      """
      SELECT sequence, events, finished FROM journal
      WHERE sequence BETWEEN ? AND ? AND owner = ? ORDER BY sequence""";
  private static final String NOTE =
      "UPDATE journal SET finished = ? WHERE sequence = ? AND owner = ?";
  static final String DELETE = "DELETE FROM journal WHERE sequence BETWEEN ? AND ? AND owner = ?";

  /** Events that are further apart are looked up apart: what is between them may be much. */
  private static final long NEIGHBOURS = 1000;

  private final long owner;

  /** Unsorted; the first {@link #count} of them count. */
  private long[] finished = new long[256];

  private int count;

  JournalRemovals(long owner) {
    this.owner = owner;
  }

  /** Has these events leave with the next commit. Repeating it changes nothing. */
  void add(long[] sequences) {
    if (count + sequences.length > finished.length) {
      long[] distinct = Arrays.stream(finished, 0, count).distinct().toArray();
      count = distinct.length; // while commits fail, the same ones come again and again
      finished = Arrays.copyOf(distinct, 2 * (count + sequences.length));
    }
    System.arraycopy(sequences, 0, finished, count, sequences.length);
    count += sequences.length;
  }

  /** If the commit fails after this, whoever asked for a removal learns it and asks again. */
  @Override
  public void run(Session session) throws SQLException {
    if (count == 0) {
      return;
    }
    long[] sorted = Arrays.copyOf(finished, count);
    count = 0;
    Arrays.sort(sorted);
    Changes changes = new Changes(session);
    for (int from = 0; from < sorted.length; ) {
      int to = from + 1;
      while (to < sorted.length && sorted[to] - sorted[to - 1] <= NEIGHBOURS) {
        to++;
      }
      finish(Arrays.copyOfRange(sorted, from, to), session, changes);
      changes.keep(); // what is between this look-up and the next is not known
      from = to;
    }
    changes.execute();
  }

  private void finish(long[] events, Session session, Changes changes) throws SQLException {
    int next = 0;
    for (JournalRow before : rows(session, events[0], events[events.length - 1])) {
      JournalRow row = before;
      for (; next < events.length && events[next] <= row.sequence(); next++) {
        if (events[next] >= row.first()) {
          row = row.finish(events[next]);
        }
      }
      if (row.unfinished() == 0) {
        changes.delete(row);
      } else {
        changes.keep();
        if (row.finished() != before.finished()) {
          changes.note(row);
        }
      }
    }
  }

  /** This worker's rows that may hold one of the events from the first to the last. */
  private List<JournalRow> rows(Session session, long first, long last) throws SQLException {
    PreparedStatement statement = session.statement(ROWS);
    statement.setLong(1, first);
    statement.setLong(2, last + JournalRow.MOST_EVENTS - 1);
    statement.setLong(3, owner);
    List<JournalRow> rows = new ArrayList<>();
    try (ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        rows.add(new JournalRow(row.getLong(1), row.getInt(2), row.getLong(3)));
      }
    }
    return rows;
  }

  /** What is to be done, collected so that each statement is executed once for all. */
  private final class Changes {
    private final PreparedStatement delete;
    private final PreparedStatement note;

    /** First and last sequence of the rows to be deleted by one statement; 0 if there are none. */
    private long runStart;

    private long runEnd;
    private boolean deletes;
    private boolean notes;

    Changes(Session session) throws SQLException {
      this.delete = session.statement(DELETE);
      this.note = session.statement(NOTE);
    }

    void delete(JournalRow row) {
      runStart = runStart == 0 ? row.sequence() : runStart;
      runEnd = row.sequence();
    }

    /** Rows that stay are, or may be, between those before and those to come. */
    void keep() throws SQLException {
      if (runStart != 0) {
        delete.setLong(1, runStart);
        delete.setLong(2, runEnd);
        delete.setLong(3, owner);
        delete.addBatch();
        deletes = true;
        runStart = 0;
      }
    }

    void note(JournalRow row) throws SQLException {
      note.setLong(1, row.finished());
      note.setLong(2, row.sequence());
      note.setLong(3, owner);
      note.addBatch();
      notes = true;
    }

    void execute() throws SQLException {
      if (deletes) {
        delete.executeBatch();
      }
      if (notes) {
        note.executeBatch();
      }
    }
  }
}
