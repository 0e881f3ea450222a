/**
 * Durable state over JDBC: journal, parked retries, fire ledger, dead letters and attempt history.
 * Nothing else imports JDBC.
 *
 * <p>One platform thread, {@code store-writer}, makes every write and groups them into commits;
 * readers use connections of their own on their callers' threads. {@link
 * dev.millrace.worker.store.SqliteStore} opens the store in the state directory.
 */
@NullMarked
package dev.millrace.worker.store;

import org.jspecify.annotations.NullMarked;
