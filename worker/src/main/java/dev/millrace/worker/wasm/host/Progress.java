package dev.millrace.worker.wasm.host;

import java.time.Instant;
import java.util.OptionalInt;

/**
 * How far a running invocation says that it has come.
 *
 * @param event the event's id
 * @param attempt 1 for the first try
 * @param percent 0 to 100; empty if the guest does not know
 * @param message in the guest's words, without its secrets; possibly empty
 * @param since when it said so
 */
public record Progress(
    String event, int attempt, OptionalInt percent, String message, Instant since) {}
