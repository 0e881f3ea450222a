/**
 * What a guest learns from the world while it runs, noted so that a failed attempt can be run again
 * as it was: a recorder answers from the world and notes it on a tape, a player answers from the
 * tape. Knows nothing of the engine.
 *
 * <p>Confined to the thread that holds the slot.
 */
@NullMarked
package dev.millrace.worker.wasm.recording;

import org.jspecify.annotations.NullMarked;
