package dev.millrace.worker.store;

import dev.millrace.triggers.Journal;
import dev.millrace.triggers.cron.FireLedger;

/**
 * What a worker must not forget: events received and not settled, retries that wait, grid times
 * that fired, dead letters, and how attempts failed.
 *
 * <p>Guarantees, for every implementation:
 *
 * <ul>
 *   <li>A stage completes normally only after its write is on disk: it survives the end of the
 *       process and of the machine.
 *   <li>Writes never block the caller. They wait in a bounded queue; when that is full the stage
 *       fails at once.
 *   <li>A stage that fails, fails with a {@link StoreException}, and its write was rolled back. The
 *       exception is a commit whose answer was lost; that is why every write here may be repeated.
 *   <li>A store in trouble (disk full, file unreadable) fails what it is given, and goes on by
 *       itself when the trouble is over.
 *   <li>Stages complete on the writer's thread: what hangs on them must only hand work over.
 * </ul>
 *
 * <p>Safe for any thread.
 */
public interface Store extends StoreView {

  /** Keeps events of sources that keep none themselves. */
  Journal journal();

  /**
   * Elects who fires a grid time. Settled and skipped ones are forgotten after 30 days, or behind
   * 10,000 later ones of their trigger; the latest one is kept for ever.
   */
  FireLedger fireLedger();

  /** Keeps what comes after a dead letter of the same key. */
  KeyQueues keyQueues();

  /** Remembers events, to tell duplicates by. */
  SeenEvents seenEvents();

  /** Keeps what functions claim by {@code once}. */
  ClaimedKeys claimedKeys();

  /** Keeps what functions put into key-value stores. */
  StoredValues values();

  /** How busy the store is, and whether it is in trouble. Does not block. */
  StoreStats stats();
}
