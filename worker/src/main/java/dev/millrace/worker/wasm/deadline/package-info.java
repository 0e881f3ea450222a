/**
 * How a guest is stopped when its time is over: one watchdog thread interrupts the thread that runs
 * it, and what runs there notices. Knows nothing of the engine.
 */
@NullMarked
package dev.millrace.worker.wasm.deadline;

import org.jspecify.annotations.NullMarked;
