package dev.millrace.worker.keeping;

import dev.millrace.worker.dispatch.OnceKeys;
import dev.millrace.worker.store.ClaimedKeys;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;

/**
 * Keeps claimed keys in the worker's store.
 *
 * @param keys where
 * @param clock tells the time
 */
public record StoreOnceKeys(ClaimedKeys keys, InstantSource clock) implements OnceKeys {

  @Override
  public Answer claim(String function, String key, String owner, Duration lease)
      throws InterruptedException {
    Instant now = clock.instant();
    try {
      if (keys.claim(function, key, owner, now, now.plus(lease)).toCompletableFuture().get()) {
        return Answer.FIRST;
      }
      return keys.isDone(function, key) ? Answer.DONE : Answer.BUSY;
    } catch (ExecutionException e) {
      throw new IllegalStateException(String.valueOf(e.getCause().getMessage()), e.getCause());
    }
  }

  @Override
  public CompletionStage<Void> finish(String function, String owner, List<Claim> claims) {
    Instant now = clock.instant();
    return each(
        claims, claim -> keys.finish(function, claim.key(), owner, now.plus(claim.timeToLive())));
  }

  @Override
  public CompletionStage<Void> giveUp(String function, String owner, List<Claim> claims) {
    return each(claims, claim -> keys.giveUp(function, claim.key(), owner));
  }

  private static CompletionStage<Void> each(
      List<Claim> claims, Function<Claim, CompletionStage<Void>> write) {
    return CompletableFuture.allOf(
        claims.stream()
            .map(claim -> write.apply(claim).toCompletableFuture())
            .toArray(CompletableFuture[]::new));
  }
}
