package dev.millrace.worker.values;

import dev.millrace.worker.store.StoredValues;
import dev.millrace.worker.wasm.host.KeyValues;
import dev.millrace.worker.wasm.host.UnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.OptionalLong;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * A key-value store in the worker's own store. Reads run on virtual threads, because a database
 * that hangs does not heed an interrupt.
 *
 * @param app whose values these are, where applications share a database
 */
record StoreKeyValues(StoredValues values, String app, String name, InstantSource clock)
    implements KeyValues {

  @Override
  public byte @Nullable [] get(String key) throws UnavailableException, InterruptedException {
    FutureTask<byte @Nullable []> read =
        new FutureTask<>(() -> values.get(at(key), clock.instant()));
    Thread.startVirtualThread(read);
    return Answers.result(read);
  }

  @Override
  public void set(String key, byte[] value, Duration timeToLive)
      throws UnavailableException, InterruptedException {
    Answers.await(values.set(at(key), value, end(clock.instant(), timeToLive)));
  }

  @Override
  public boolean delete(String key) throws UnavailableException, InterruptedException {
    return Answers.await(values.delete(at(key), clock.instant()));
  }

  @Override
  public boolean compareAndSet(
      String key, byte @Nullable [] expected, byte @Nullable [] value, Duration timeToLive)
      throws UnavailableException, InterruptedException {
    Instant now = clock.instant();
    Instant end = end(now, timeToLive);
    if (expected == null) {
      return value == null
          ? get(key) == null
          : Answers.await(values.setIfAbsent(at(key), value, now, end));
    }
    return Answers.await(
        value == null
            ? values.deleteIf(at(key), expected, now)
            : values.replace(at(key), expected, value, now, end));
  }

  @Override
  public OptionalLong increment(String key, long delta, Duration timeToLive)
      throws UnavailableException, InterruptedException {
    Instant now = clock.instant();
    return Answers.await(values.increment(at(key), delta, now, end(now, timeToLive)));
  }

  private StoredValues.Key at(String key) {
    return new StoredValues.Key(app, name, key);
  }

  private static Instant end(Instant now, Duration timeToLive) {
    return timeToLive.isZero() ? StoredValues.NEVER : now.plus(timeToLive);
  }
}
