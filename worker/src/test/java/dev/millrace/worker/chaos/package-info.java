/**
 * A whole worker as a process, killed and started again, and a checker that reads what became of
 * its events.
 */
@NullMarked
package dev.millrace.worker.chaos;

import org.jspecify.annotations.NullMarked;
