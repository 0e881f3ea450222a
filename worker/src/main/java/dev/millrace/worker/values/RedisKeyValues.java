package dev.millrace.worker.values;

import dev.millrace.triggers.redis.RedisValues;
import dev.millrace.worker.wasm.host.KeyValues;
import dev.millrace.worker.wasm.host.UnavailableException;
import java.time.Duration;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A key-value store in Redis.
 *
 * @param prefix what precedes each key there
 */
record RedisKeyValues(RedisValues values, String prefix) implements KeyValues {

  @Override
  public byte @Nullable [] get(String key) throws UnavailableException, InterruptedException {
    return Answers.await(values.get(prefix + key)).orElse(null);
  }

  @Override
  public void set(String key, byte[] value, Duration timeToLive)
      throws UnavailableException, InterruptedException {
    Answers.await(values.set(prefix + key, value, timeToLive));
  }

  @Override
  public boolean delete(String key) throws UnavailableException, InterruptedException {
    return Answers.await(values.delete(prefix + key));
  }

  @Override
  public boolean compareAndSet(
      String key, byte @Nullable [] expected, byte @Nullable [] value, Duration timeToLive)
      throws UnavailableException, InterruptedException {
    return Answers.await(values.compareAndSet(prefix + key, expected, value, timeToLive));
  }

  @Override
  public OptionalLong increment(String key, long delta, Duration timeToLive)
      throws UnavailableException, InterruptedException {
    return Answers.await(values.increment(prefix + key, delta, timeToLive));
  }
}
