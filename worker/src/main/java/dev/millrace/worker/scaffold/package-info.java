/**
 * Begins projects: a manifest, a function with its source and SDK, a test. Nothing here runs a
 * guest or a build.
 */
@NullMarked
package dev.millrace.worker.scaffold;

import org.jspecify.annotations.NullMarked;
