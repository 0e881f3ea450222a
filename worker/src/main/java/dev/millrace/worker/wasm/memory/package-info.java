/**
 * What a sandbox holds that a guest can fill: its linear memory, which goes back to a snapshot by
 * the cards that were written, and its tables, both within bounds. Knows nothing of the engine.
 *
 * <p>Everything here is confined to the thread that holds the slot, but for snapshots, which slots
 * share.
 */
@NullMarked
package dev.millrace.worker.wasm.memory;

import org.jspecify.annotations.NullMarked;
