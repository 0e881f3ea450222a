package dev.millrace.worker.wasm.host;

import dev.millrace.abi.Decimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Values of one process, guarded by one lock. */
final class KeyValuesInMemory implements KeyValues {

  private record Value(byte[] bytes, @Nullable Instant until) {}

  private final InstantSource clock;
  private final Map<String, Value> values = new HashMap<>();

  KeyValuesInMemory(InstantSource clock) {
    this.clock = clock;
  }

  @Override
  public boolean waits() {
    return false;
  }

  @Override
  public synchronized byte @Nullable [] get(String key) {
    Value value = live(key);
    return value == null ? null : value.bytes;
  }

  @Override
  public synchronized void set(String key, byte[] value, Duration timeToLive) {
    values.put(key, new Value(value, end(timeToLive)));
  }

  @Override
  public synchronized boolean delete(String key) {
    boolean there = live(key) != null;
    values.remove(key);
    return there;
  }

  @Override
  public synchronized boolean compareAndSet(
      String key, byte @Nullable [] expected, byte @Nullable [] value, Duration timeToLive) {
    if (!Arrays.equals(get(key), expected)) {
      return false;
    }
    if (value == null) {
      values.remove(key);
    } else {
      set(key, value, timeToLive);
    }
    return true;
  }

  @Override
  public synchronized OptionalLong increment(String key, long delta, Duration timeToLive) {
    Value before = live(key);
    OptionalLong number = before == null ? OptionalLong.of(0) : Decimal.parse(before.bytes);
    if (number.isEmpty() || Decimal.overflows(number.getAsLong(), delta)) {
      return OptionalLong.empty();
    }
    long sum = number.getAsLong() + delta;
    byte[] text = Long.toString(sum).getBytes(StandardCharsets.US_ASCII);
    values.put(key, new Value(text, before == null ? end(timeToLive) : before.until));
    return OptionalLong.of(sum);
  }

  private @Nullable Value live(String key) {
    Value value = values.get(key);
    if (value != null && value.until != null && !clock.instant().isBefore(value.until)) {
      values.remove(key);
      return null;
    }
    return value;
  }

  private @Nullable Instant end(Duration timeToLive) {
    return timeToLive.isZero() ? null : clock.instant().plus(timeToLive);
  }
}
