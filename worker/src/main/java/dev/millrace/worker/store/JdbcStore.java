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
  private final JdbcReplays replays;
  private final JdbcParkedRetries parked;
  private final JdbcAttemptHistory attempts;
  private final JdbcKeyQueues keyQueues;
  private final JdbcSeenEvents seenEvents;
  private final JdbcClaimedKeys claimedKeys;
  private final JdbcStoredValues values;
  private final JdbcCronControl cron;
  private final Heartbeat heartbeat;

  private JdbcStore(
      Backend backend, StoreOptions options, Clock clock, Counter sequences, Replica replica) {
    this.backend = backend;
    this.queue =
        new WriteQueue(options.maxQueuedWrites(), options.maxQueuedBytes(), options.linger());
    this.writer = new GroupWriter(backend, queue);
    this.readers = new Readers(backend);
    this.journal = new JdbcJournal(writer, readers, sequences, replica);
    this.fireLedger = new JdbcFireLedger(writer, readers, clock, replica);
    this.deadLetters = new JdbcDeadLetters(writer, readers);
    this.replays = new JdbcReplays(writer, readers);
    this.parked = new JdbcParkedRetries(writer, readers, replica);
    this.attempts = new JdbcAttemptHistory(writer, readers, options.attemptHistory());
    this.keyQueues = new JdbcKeyQueues(writer, readers, replica);
    this.seenEvents = new JdbcSeenEvents(writer, readers);
    this.claimedKeys = new JdbcClaimedKeys(writer, readers);
    this.values = new JdbcStoredValues(writer, readers);
    this.cron = new JdbcCronControl(writer, readers);
    this.heartbeat = new Heartbeat(writer, replica, options.lease());
    writer.start(List.of(journal, sequences, fireLedger, attempts));
    heartbeat.start();
  }

  /** Starts a store that one worker has to itself, and whose schema is up to date. */
  static JdbcStore start(Backend backend, Connection connection, StoreOptions options, Clock clock)
      throws SQLException {
    Counter sequences = Counter.read(connection, "journal");
    return new JdbcStore(backend, options, clock, sequences, Replica.SOLE);
  }

  /** Starts a store that workers share, and whose schema is up to date. */
  static JdbcStore start(Backend backend, StoreOptions options, Clock clock, Replica replica) {
    return new JdbcStore(backend, options, clock, Counter.of(replica), replica);
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
  public Replays replays() {
    return replays;
  }

  @Override
  public ParkedRetries parked() {
    return parked;
  }

  @Override
  public CronControl cron() {
    return cron;
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
  public StoredValues values() {
    return values;
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
    heartbeat.end();
    fireLedger.end();
    writer.close();
    readers.close();
    backend.release();
  }

  /** Ends as a crash would, as far as the others see: what this worker has stays its own. */
  void abandon() {
    heartbeat.stop();
    fireLedger.end();
    writer.close();
    readers.close();
    backend.release();
  }

  /** For tests of what no part of the store would write. */
  GroupWriter writer() {
    return writer;
  }
}
