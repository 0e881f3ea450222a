/**
 * WebAssembly functions: deployed, versioned, and run in slots, each with a sandbox. The packages
 * beneath know nothing of this one: {@code spec} is what is declared of a function, {@code module}
 * its code, {@code inspection} what can be told before it runs, {@code abi} how it is called,
 * {@code host} what it can call, {@code wasi} and {@code files} the part of that which WASI names,
 * {@code memory} what it fills, {@code deadline} what stops it, {@code recording} what it learned.
 *
 * <p>Nothing outside of these imports Chicory. Guest code runs on the worker threads that call in;
 * one watchdog thread keeps the deadlines.
 */
@NullMarked
package dev.millrace.worker.wasm;

import org.jspecify.annotations.NullMarked;
