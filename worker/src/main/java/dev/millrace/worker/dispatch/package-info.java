/**
 * From submission to settlement: bounds, lanes, retries, publishes and dead letters. Pure: clock,
 * random, timer and executor are arguments, so every interleaving can be run in a test.
 */
@NullMarked
package dev.millrace.worker.dispatch;

import org.jspecify.annotations.NullMarked;
