package dev.millrace.worker.dispatch;

import dev.millrace.triggers.Publisher;
import java.util.Optional;

/**
 * What the dispatcher does with one trigger's events.
 *
 * @param trigger the trigger's name
 * @param function what runs on each event
 * @param bounds how much may be in flight at once
 * @param retry how often a failing event is tried
 * @param replyTo where the function's reply is published, as {@code connection/target}; empty for
 *     nowhere
 * @param publisher sends what functions publish, to any connection
 * @param keeping where events are kept that are not simply done
 */
public record TriggerPolicy(
    String trigger,
    Function function,
    Bounds bounds,
    RetryPolicy retry,
    Optional<String> replyTo,
    Publisher publisher,
    Keeping keeping) {}
