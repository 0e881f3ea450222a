/**
 * What benchmarks of the Kafka trigger need of Kafka's client: a loader, and the loop that a Java
 * programmer would write in place of the worker. Each class says which threads run in it.
 */
@NullMarked
package dev.millrace.triggers.kafka.bench;

import org.jspecify.annotations.NullMarked;
