/**
 * WebAssembly functions: modules, versions, slots, memory snapshots and the guest ABIs; {@link
 * dev.millrace.worker.wasm.wasi} is beneath. Nothing else imports Chicory. Guest code runs on the
 * worker threads that call in; one watchdog thread keeps the deadlines.
 */
@NullMarked
package dev.millrace.worker.wasm;

import org.jspecify.annotations.NullMarked;
