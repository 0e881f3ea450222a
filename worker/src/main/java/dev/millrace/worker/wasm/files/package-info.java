/**
 * The files of a guest, all of them in memory: granted directories are read once, when a function
 * is deployed, and what a guest writes is its own and bounded. What is refused is refused by the
 * error numbers of WASI preview 1.
 *
 * <p>{@link dev.millrace.worker.wasm.files.GuestFiles} are read on the thread that deploys; all
 * else is confined to the thread that holds the slot.
 */
@NullMarked
package dev.millrace.worker.wasm.files;

import org.jspecify.annotations.NullMarked;
