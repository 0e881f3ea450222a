@NullMarked
package dev.millrace.worker.dev;

import org.jspecify.annotations.NullMarked;
