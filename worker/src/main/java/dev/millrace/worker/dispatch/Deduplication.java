package dev.millrace.worker.dispatch;

import dev.millrace.abi.Event;
import java.util.concurrent.CompletionStage;

/**
 * Knows which events of a trigger came to their end a short while ago. Two events are the same when
 * their CloudEvents {@code source} and {@code id} are equal.
 */
public interface Deduplication {

  /** Whether the same event was remembered and its window is not over. May block. */
  boolean seen(Event event);

  /** Remembers an event for the window; completes once that is durable. Does not block. */
  CompletionStage<Void> remember(Event event);
}
