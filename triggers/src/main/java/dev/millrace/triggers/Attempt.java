package dev.millrace.triggers;

import java.time.Duration;
import java.time.Instant;

/**
 * One finished, unsuccessful attempt at an event.
 *
 * @param number 1 for the first try
 * @param startedAt when the function was called
 * @param duration how long the call took
 * @param failure why it did not succeed
 * @param error what happened, in one or a few lines
 * @param log the tail of what the guest logged, possibly empty
 */
public record Attempt(
    int number,
    Instant startedAt,
    Duration duration,
    FailureKind failure,
    String error,
    String log) {}
