package dev.millrace.triggers.kafka;

import java.time.Instant;

/**
 * What the records of one poll have in common.
 *
 * @param group the consumer group that received them
 * @param at when they were received
 */
record Arrival(String group, Instant at) {}
