/**
 * WASI preview 1: the functions of {@code wasi_snapshot_preview1}. The files that they work on are
 * in {@link dev.millrace.worker.wasm.files}.
 *
 * <p>Runs on the worker thread that holds the slot, within a host call of its guest.
 */
@NullMarked
package dev.millrace.worker.wasm.wasi;

import org.jspecify.annotations.NullMarked;
