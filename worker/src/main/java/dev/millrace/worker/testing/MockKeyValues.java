package dev.millrace.worker.testing;

import dev.millrace.worker.manifest.Payload;
import dev.millrace.worker.wasm.host.KeyValues;
import dev.millrace.worker.wasm.host.UnavailableException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** One key-value store of the running test. Confined to the thread of the function's tests. */
final class MockKeyValues implements KeyValues {

  private final InstantSource clock;
  private KeyValues values;

  MockKeyValues(InstantSource clock) {
    this.clock = clock;
    this.values = KeyValues.inMemory(clock);
  }

  /** Forgets the test before. */
  void begin(Map<String, Payload> initial) throws InterruptedException {
    values = KeyValues.inMemory(clock);
    for (Map.Entry<String, Payload> each : initial.entrySet()) {
      try {
        values.set(each.getKey(), each.getValue().bytes(), FOR_EVER);
      } catch (UnavailableException e) {
        throw new IllegalStateException("memory is always there", e);
      }
    }
  }

  /** What a key has now; {@code null} for nothing. */
  byte @Nullable [] value(String key) {
    try {
      return values.get(key);
    } catch (UnavailableException e) {
      throw new IllegalStateException("memory is always there", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
  }

  @Override
  public byte @Nullable [] get(String key) throws UnavailableException, InterruptedException {
    return values.get(key);
  }

  @Override
  public void set(String key, byte[] value, Duration timeToLive)
      throws UnavailableException, InterruptedException {
    values.set(key, value, timeToLive);
  }

  @Override
  public boolean delete(String key) throws UnavailableException, InterruptedException {
    return values.delete(key);
  }

  @Override
  public boolean compareAndSet(
      String key, byte @Nullable [] expected, byte @Nullable [] value, Duration timeToLive)
      throws UnavailableException, InterruptedException {
    return values.compareAndSet(key, expected, value, timeToLive);
  }

  @Override
  public OptionalLong increment(String key, long delta, Duration timeToLive)
      throws UnavailableException, InterruptedException {
    return values.increment(key, delta, timeToLive);
  }
}
