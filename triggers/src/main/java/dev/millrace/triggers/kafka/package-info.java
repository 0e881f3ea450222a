/**
 * Everything Kafka: the trigger, the publisher and the dead-letter sink. Nothing else imports
 * Kafka's client.
 */
@NullMarked
package dev.millrace.triggers.kafka;

import org.jspecify.annotations.NullMarked;
