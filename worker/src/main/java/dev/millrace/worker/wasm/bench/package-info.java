/**
 * What the engine is compared with: Chicory by itself, as its documentation shows it. Runs on the
 * thread that calls.
 */
@NullMarked
package dev.millrace.worker.wasm.bench;

import org.jspecify.annotations.NullMarked;
