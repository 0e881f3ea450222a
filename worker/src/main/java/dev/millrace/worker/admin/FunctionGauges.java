package dev.millrace.worker.admin;

/**
 * One function's sandboxes at one moment. Counts are since the start.
 *
 * @param slots instances that exist now
 * @param memoryBytes linear memory that they hold, snapshots included
 * @param resets how often one was put back to its snapshot
 * @param resetNanos the time all resets took together, as far as one in 16 tells
 */
public record FunctionGauges(long slots, long memoryBytes, long resets, long resetNanos) {}
