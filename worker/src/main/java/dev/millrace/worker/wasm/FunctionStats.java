package dev.millrace.worker.wasm;

/**
 * What a function has done since it was deployed first, all its versions together.
 *
 * @param invocations that have begun
 * @param coldStarts invocations and deployments that had to make an instance first
 * @param coldStartNanos time spent making instances, initialization included
 * @param resets instances put back to their snapshot
 * @param resetNanos time spent on that; one in 16 is timed, for those before it, too
 * @param timeouts invocations stopped at their deadline
 * @param traps invocations that trapped
 * @param idleSlots instances that wait for an event now
 * @param leasedSlots instances that run one now
 * @param memoryHighWaterBytes the most linear memory that one instance has had
 * @param logBytesCutOff log bytes beyond {@code limits.log}
 */
public record FunctionStats(
    long invocations,
    long coldStarts,
    long coldStartNanos,
    long resets,
    long resetNanos,
    long timeouts,
    long traps,
    int idleSlots,
    int leasedSlots,
    long memoryHighWaterBytes,
    long logBytesCutOff) {}
