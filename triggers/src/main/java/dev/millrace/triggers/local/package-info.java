/**
 * Real brokers as processes on this machine, for {@code millrace dev} and for tests where no Docker
 * engine answers.
 */
@NullMarked
package dev.millrace.triggers.local;

import org.jspecify.annotations.NullMarked;
