/**
 * A {@code .wasm} file on its way to code that can be instantiated: read, parsed, looked through,
 * compiled to classes, kept on disk, loaded, let go and loaded again. Knows nothing of functions,
 * events and the engine.
 *
 * <p>Runs on the threads that deploy and, where code was let go, on the worker thread that needs it
 * again.
 */
@NullMarked
package dev.millrace.worker.wasm.module;

import org.jspecify.annotations.NullMarked;
