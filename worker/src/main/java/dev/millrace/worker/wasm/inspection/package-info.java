/**
 * A function's program as it is read, and all that can be told of it without running it: whether it
 * can be deployed, by which ABI it is called, and what it asks for.
 *
 * <p>Runs on the threads that ask, on any number of them.
 */
@NullMarked
package dev.millrace.worker.wasm.inspection;

import org.jspecify.annotations.NullMarked;
