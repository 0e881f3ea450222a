/**
 * Whole workers as processes on real brokers, disturbed in every way that can be thought of, and a
 * checker that reads from the history of a run what became of its events.
 *
 * <p>{@link dev.millrace.worker.chaos.FaultsIT} is the short form that each build runs; those with
 * the tag {@code soak} run with the Maven profile of that name.
 */
@NullMarked
package dev.millrace.worker.chaos;

import org.jspecify.annotations.NullMarked;
