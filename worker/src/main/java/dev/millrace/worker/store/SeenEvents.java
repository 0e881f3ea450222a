package dev.millrace.worker.store;

import java.time.Instant;
import java.util.concurrent.CompletionStage;

/** Events that came to their end a short while ago, to tell duplicates of them by. */
public interface SeenEvents {

  /** Whether an event is remembered at this moment. Blocks. */
  boolean seen(String trigger, String identity, Instant now);

  /** Remembers an event until a moment. Does not block. */
  CompletionStage<Void> remember(String trigger, String identity, Instant until);

  /** Forgets what was remembered until an earlier moment. Completes with how many. */
  CompletionStage<Integer> forget(Instant now);
}
