/**
 * Durable state over JDBC: journal, parked retries, fire ledger, dead letters and attempt history.
 * Nothing else imports JDBC. One writer thread groups commits.
 */
@NullMarked
package dev.millrace.worker.store;

import org.jspecify.annotations.NullMarked;
