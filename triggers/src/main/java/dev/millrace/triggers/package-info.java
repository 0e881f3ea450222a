/**
 * The interface between sources of events and the worker: {@link dev.millrace.triggers.Trigger
 * triggers} submit events to an {@link dev.millrace.triggers.Intake intake} and learn their {@link
 * dev.millrace.triggers.Settlement settlement}; {@link dev.millrace.triggers.Publisher publishers}
 * and {@link dev.millrace.triggers.DeadLetterSink dead-letter sinks} carry results and failures out
 * again.
 *
 * <p>One sub-package for each kind of broker; only that one imports the broker's client.
 */
@NullMarked
package dev.millrace.triggers;

import org.jspecify.annotations.NullMarked;
