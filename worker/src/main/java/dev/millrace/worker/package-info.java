/**
 * The worker: {@code Worker} is the composition root, where everything is wired, started and
 * stopped in order.
 */
@NullMarked
package dev.millrace.worker;

import org.jspecify.annotations.NullMarked;
