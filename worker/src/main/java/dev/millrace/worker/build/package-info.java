/**
 * Makes the modules of functions: runs the build commands of a manifest, and says what is missing
 * where one fails. Each command runs on a thread of its own, {@code build-N}, which ends with it.
 */
@NullMarked
package dev.millrace.worker.build;

import org.jspecify.annotations.NullMarked;
