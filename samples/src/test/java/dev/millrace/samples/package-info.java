/** The samples' modules, run on the worker's engine. */
@NullMarked
package dev.millrace.samples;

import org.jspecify.annotations.NullMarked;
