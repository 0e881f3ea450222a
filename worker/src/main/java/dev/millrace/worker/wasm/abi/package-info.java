/**
 * The guest ABIs: how an event enters a module, and what its end means. Our own, WASI's programs,
 * and those of Extism, Redpanda's transforms, Redpanda Connect and Camel, whose plugins run
 * unmodified. {@link dev.millrace.worker.wasm.abi.Abi} is what the engine sees of them.
 *
 * <p>Runs on the worker thread that holds the slot; an {@code Abi} is shared by all of them.
 */
@NullMarked
package dev.millrace.worker.wasm.abi;

import org.jspecify.annotations.NullMarked;
