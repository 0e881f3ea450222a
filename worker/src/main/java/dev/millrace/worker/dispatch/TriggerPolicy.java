package dev.millrace.worker.dispatch;

import dev.millrace.triggers.DeadLetterSink;
import dev.millrace.triggers.Publisher;
import java.util.Optional;

/**
 * What the dispatcher does with one trigger's events.
 *
 * @param trigger the trigger's name
 * @param function what runs on each event
 * @param bounds how much may be with the worker at once
 * @param retry how often a failing event is tried
 * @param replyTo where the function's reply is published, as {@code connection/target}; empty for
 *     nowhere
 * @param publisher sends what functions publish, to any connection
 * @param parking keeps retries that wait for long; empty to keep them in memory
 * @param deadLetters keeps what failed for good; empty to drop it, counted
 */
public record TriggerPolicy(
    String trigger,
    Function function,
    Bounds bounds,
    RetryPolicy retry,
    Optional<String> replyTo,
    Publisher publisher,
    Optional<Parking> parking,
    Optional<DeadLetterSink> deadLetters) {}
