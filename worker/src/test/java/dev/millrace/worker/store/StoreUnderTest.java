package dev.millrace.worker.store;

import static dev.millrace.worker.store.StoreFixtures.NOW;
import static dev.millrace.worker.store.StoreFixtures.await;

import dev.millrace.triggers.Journal;
import java.util.List;

/** The store that a contract is about. */
interface StoreUnderTest {

  /** The one that is open now. */
  Store store();

  /** Closes it, and opens it again with what it had. */
  void reopen(StoreOptions options);

  /** The same with the usual options. */
  default void reopen() {
    reopen(StoreOptions.DEFAULT);
  }

  /** As a trigger reads it when it starts. */
  default List<Journal.Entry> journalAfterRestart(String trigger) {
    store().journal().takeOver(trigger);
    return store().journal().read(trigger, 0, Integer.MAX_VALUE);
  }

  /** Waits until everything queued before is committed. */
  default void settleWrites() {
    await(store().fireLedger().settle("nobody", NOW));
  }

  default List<DeadLetters.Summary> all() {
    return store().deadLetters().list(DeadLetters.Filter.ALL, 100);
  }
}
