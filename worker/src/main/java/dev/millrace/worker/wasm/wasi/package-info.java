/**
 * WASI preview 1: the functions of {@code wasi_snapshot_preview1}, and the files that they work on.
 * Files are in memory: granted directories are read once, when a function is deployed, and what a
 * guest writes is its own and bounded.
 *
 * <p>The engine knows three things of it: {@link dev.millrace.worker.wasm.wasi.WasiImports} to
 * link, {@link dev.millrace.worker.wasm.wasi.GuestFiles} to read at deployment, and {@link
 * dev.millrace.worker.wasm.wasi.Descriptors} to begin each event with.
 *
 * <p>Runs on the worker thread that holds the slot, within a host call of its guest; {@code
 * GuestFiles} are read on the thread that deploys.
 */
@NullMarked
package dev.millrace.worker.wasm.wasi;

import org.jspecify.annotations.NullMarked;
