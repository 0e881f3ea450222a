/** The command line: thin picocli commands over the worker. */
@NullMarked
package dev.millrace.worker.cli;

import org.jspecify.annotations.NullMarked;
