package dev.millrace.worker.admin;

/**
 * The store at one moment. Counts are since it was opened.
 *
 * @param queuedWrites writes that wait for a commit now
 * @param commits transactions committed
 * @param writes writes committed
 * @param failedWrites writes that failed
 * @param fileBytes what it takes on disk, 0 where that is not known
 */
public record StoreGauges(
    long queuedWrites, long commits, long writes, long failedWrites, long fileBytes) {}
