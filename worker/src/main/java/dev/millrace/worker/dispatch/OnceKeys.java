package dev.millrace.worker.dispatch;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keys that functions claim so that what they stand for is done once. A claim belongs to the event
 * that makes it: it is finished when the event is done, and given up when its attempt fails, so
 * that the next attempt, or another event, may make it again. A claim whose worker has died ends
 * with its lease; its own event gets it back at once. Safe for any thread.
 */
public interface OnceKeys {

  /** What becomes of a claim. */
  enum Answer {
    /** The event does it; nobody has done it within the time to live. */
    FIRST,
    /** It is done. */
    DONE,
    /** Another event is at it. */
    BUSY
  }

  /**
   * A claim that was made.
   *
   * @param key what was claimed
   * @param timeToLive for how long it counts as done, from its end
   */
  record Claim(String key, Duration timeToLive) {}

  /**
   * Claims a key. Blocks.
   *
   * @param function whose key it is
   * @param owner the event that claims it
   * @param lease how long the claim holds if nothing more is heard of it
   * @throws InterruptedException if the thread is interrupted meanwhile
   * @throws RuntimeException if it cannot be told
   */
  Answer claim(String function, String key, String owner, Duration lease)
      throws InterruptedException;

  /** The event is done: so is what it claimed. Completes once that is durable. */
  CompletionStage<Void> finish(String function, String owner, List<Claim> claims);

  /** The attempt failed: nothing it claimed is done. Does not block. */
  CompletionStage<Void> giveUp(String function, String owner, List<Claim> claims);

  /** Keeps claims in memory, without regard to time: for runs without a store. */
  static OnceKeys inMemory() {
    Map<String, String> owners = new ConcurrentHashMap<>();
    return new OnceKeys() {
      @Override
      public Answer claim(String function, String key, String owner, Duration lease) {
        String holder = owners.putIfAbsent(function + '/' + key, owner);
        if (holder == null || holder.equals(owner)) {
          return Answer.FIRST;
        }
        return holder.isEmpty() ? Answer.DONE : Answer.BUSY;
      }

      @Override
      public CompletionStage<Void> finish(String function, String owner, List<Claim> claims) {
        claims.forEach(claim -> owners.put(function + '/' + claim.key(), ""));
        return CompletableFuture.completedFuture(null);
      }

      @Override
      public CompletionStage<Void> giveUp(String function, String owner, List<Claim> claims) {
        claims.forEach(claim -> owners.remove(function + '/' + claim.key(), owner));
        return CompletableFuture.completedFuture(null);
      }
    };
  }
}
