package dev.millrace.worker.store;

import dev.millrace.triggers.Journal;
import dev.millrace.triggers.cron.FireLedger;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;

/** A store over any database: the parts and the order in which they start and end. */
final class JdbcStore implements Store {

  private final Backend backend;
  private final WriteQueue queue;
  private final GroupWriter writer;
  private final Readers readers;
  private final JdbcJournal journal;
  private final JdbcFireLedger fireLedger;
  private final JdbcDeadLetters deadLetters;
  private final JdbcParkedRetries parked;
  private final JdbcAttemptHistory attempts;
  private final JdbcKeyQueues keyQueues;
  private final JdbcSeenEvents seenEvents;
  private final JdbcClaimedKeys claimedKeys;

  private JdbcStore(Backend backend, StoreOptions options, Clock clock, Counter sequences) {
    this.backend = backend;
    this.queue =
        new WriteQueue(options.maxQueuedWrites(), options.maxQueuedBytes(), options.linger());
    this.writer = new GroupWriter(backend, queue);
    this.readers = new Readers(backend);
    this.journal = new JdbcJournal(writer, readers, sequences);
    this.fireLedger = new JdbcFireLedger(writer, readers, clock);
    this.deadLetters = new JdbcDeadLetters(writer, readers);
    this.parked = new JdbcParkedRetries(writer, readers);
    this.attempts = new JdbcAttemptHistory(writer, readers, options.attemptHistory());
    this.keyQueues = new JdbcKeyQueues(writer, readers);
    this.seenEvents = new JdbcSeenEvents(writer, readers);
    this.claimedKeys = new JdbcClaimedKeys(writer, readers);
    writer.start(List.of(sequences, fireLedger, attempts));
  }

  /** Starts a store whose schema is up to date. */
  static JdbcStore start(Backend backend, Connection connection, StoreOptions options, Clock clock)
      throws SQLException {
    return new JdbcStore(backend, options, clock, Counter.read(connection, "journal"));
  }

  @Override
  public Journal journal() {
    return journal;
  }

  @Override
  public FireLedger fireLedger() {
    return fireLedger;
  }

  @Override
  public DeadLetters deadLetters() {
    return deadLetters;
  }

  @Override
  public ParkedRetries parked() {
    return parked;
  }

  @Override
  public AttemptHistory attempts() {
    return attempts;
  }

  @Override
  public KeyQueues keyQueues() {
    return keyQueues;
  }

  @Override
  public SeenEvents seenEvents() {
    return seenEvents;
  }

  @Override
  public ClaimedKeys claimedKeys() {
    return claimedKeys;
  }

  @Override
  public StoreStats stats() {
    return new StoreStats(
        queue.size(),
        queue.bytes(),
        writer.commits(),
        writer.committedWrites(),
        writer.failedWrites(),
        attempts.dropped(),
        backend.fileBytes(),
        writer.trouble());
  }

  @Override
  public void close() {
    writer.close();
    readers.close();
    backend.release();
  }

  /** For tests of what no part of the store would write. */
  GroupWriter writer() {
    return writer;
  }
}
