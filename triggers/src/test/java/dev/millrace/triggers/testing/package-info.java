/**
 * What tests of triggers share, here and in the worker: a fake intake and fake signals, the
 * contract every trigger passes, and real brokers.
 */
@NullMarked
package dev.millrace.triggers.testing;

import org.jspecify.annotations.NullMarked;
