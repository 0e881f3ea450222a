package dev.millrace.worker.store;

import java.time.Instant;
import java.util.concurrent.CompletionStage;

/**
 * Keys that functions claim so that what they stand for is done once. What answers by a stage does
 * not block.
 */
public interface ClaimedKeys {

  /**
   * Claims a key that is free, whose claim or memory is over, or that its owner has claimed
   * already.
   *
   * @param until when the claim ends if nothing more is heard of it
   * @return completes with whether it is the owner's now
   */
  CompletionStage<Boolean> claim(
      String function, String key, String owner, Instant now, Instant until);

  /** Whether a key that could not be claimed is done, rather than somebody else's. Blocks. */
  boolean isDone(String function, String key);

  /** What the owner claimed is done, and remembered until a moment. */
  CompletionStage<Void> finish(String function, String key, String owner, Instant until);

  /** The owner's claim is over, unless it is done. */
  CompletionStage<Void> giveUp(String function, String key, String owner);

  /** Forgets what is over. Completes with how many keys that were. */
  CompletionStage<Integer> forget(Instant now);
}
