/**
 * Works off the replays of dead letters that people ask for: to their functions, as parked retries,
 * or back to their sources. One platform thread, {@code replays}, does all of it.
 */
@NullMarked
package dev.millrace.worker.replay;

import org.jspecify.annotations.NullMarked;
