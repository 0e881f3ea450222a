/**
 * Runs the tests of a manifest without any broker: mocks what functions reach, and says what was
 * not as expected. The functions' tests run on threads named {@code test-N}, those of one function
 * one after the other on one thread.
 */
@NullMarked
package dev.millrace.worker.testing;

import org.jspecify.annotations.NullMarked;
