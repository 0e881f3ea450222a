/**
 * The key-value stores that functions are granted: in the worker's own store or in Redis.
 *
 * <p>No threads of its own: a call waits on the worker's thread that runs the function.
 */
@NullMarked
package dev.millrace.worker.values;

import org.jspecify.annotations.NullMarked;
