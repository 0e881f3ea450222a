/**
 * The manifest {@code millrace.yaml}: from a file to records, or to every problem in it with line
 * and column. No thread of its own.
 */
@NullMarked
package dev.millrace.worker.manifest;

import org.jspecify.annotations.NullMarked;
