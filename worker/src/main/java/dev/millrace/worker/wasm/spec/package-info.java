/**
 * What a function is to the engine before anything of it was read: its program, its limits, what it
 * may reach. Values; safe for any number of threads.
 */
@NullMarked
package dev.millrace.worker.wasm.spec;

import org.jspecify.annotations.NullMarked;
