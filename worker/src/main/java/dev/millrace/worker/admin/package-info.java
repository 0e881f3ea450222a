/** HTTP: health and metrics. Helidon serves it on virtual threads. */
@NullMarked
package dev.millrace.worker.admin;

import org.jspecify.annotations.NullMarked;
