/**
 * What the dispatcher keeps in the store, and how it comes back: the dispatcher's ports, each over
 * the part of the store that it needs, and the duties that bring back parked retries and the events
 * of parked keys. Each duty has a platform thread of its own.
 */
@NullMarked
package dev.millrace.worker.keeping;

import org.jspecify.annotations.NullMarked;
