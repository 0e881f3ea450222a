package dev.millrace.worker.store;

import java.time.Instant;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The values of functions' key-value stores. What answers by a stage does not block. A value whose
 * time is over is as good as gone.
 */
public interface StoredValues {

  /** The end of a value that is kept for ever. */
  Instant NEVER = Instant.MAX;

  /**
   * Which value.
   *
   * @param app the application's name: applications that share a database do not meet
   * @param store the name of the key-value store
   * @param key the guest's key, any text
   */
  record Key(String app, String store, String key) {}

  /** A key's value, {@code null} if it has none. Blocks. */
  byte @Nullable [] get(Key key, Instant now);

  /** Sets a key's value until a moment. */
  CompletionStage<Void> set(Key key, byte[] value, Instant until);

  /** Removes a key; completes with whether it was there. */
  CompletionStage<Boolean> delete(Key key, Instant now);

  /** Sets a key that has no value; completes with whether it had none. */
  CompletionStage<Boolean> setIfAbsent(Key key, byte[] value, Instant now, Instant until);

  /** Sets a key that has the expected value; completes with whether it had. */
  CompletionStage<Boolean> replace(
      Key key, byte[] expected, byte[] value, Instant now, Instant until);

  /** Removes a key that has the expected value; completes with whether it had. */
  CompletionStage<Boolean> deleteIf(Key key, byte[] expected, Instant now);

  /**
   * Adds to the decimal number that a key's value is, 0 if it has none.
   *
   * @param until the end of a value that is created; one that is there keeps its own
   * @return completes with the sum; empty if the value is no number or the sum has no place in 64
   *     bits
   */
  CompletionStage<OptionalLong> increment(Key key, long delta, Instant now, Instant until);

  /** Forgets what is over. Completes with how many values that were. */
  CompletionStage<Integer> forget(Instant now);
}
