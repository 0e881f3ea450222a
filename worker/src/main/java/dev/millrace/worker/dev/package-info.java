/**
 * What {@code millrace dev} adds to {@code up}: brokers beside the worker, generated events, file
 * watching and a live view.
 */
@NullMarked
package dev.millrace.worker.dev;

import org.jspecify.annotations.NullMarked;
