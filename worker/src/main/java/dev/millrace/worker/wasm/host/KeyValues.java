package dev.millrace.worker.wasm.host;

import java.time.Duration;
import java.time.InstantSource;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * One key-value store that guests use by {@code kv_get} and its like. Every operation is atomic and
 * takes effect at once; a read that begins after a write has returned sees it.
 *
 * <p>Every method blocks until the store has answered, and ends with an {@link
 * InterruptedException} soon after its thread is interrupted; a write may then have been done or
 * not. Safe for any thread. Arrays are not copied: nobody writes to them afterwards.
 */
public interface KeyValues {

  /** A time to live that never ends. */
  Duration FOR_EVER = Duration.ZERO;

  /** The value of a key, {@code null} if there is none or its time is over. */
  byte @Nullable [] get(String key) throws UnavailableException, InterruptedException;

  /**
   * Sets a key.
   *
   * @param timeToLive from now, at least a millisecond; or {@link #FOR_EVER}
   */
  void set(String key, byte[] value, Duration timeToLive)
      throws UnavailableException, InterruptedException;

  /** Removes a key; answers whether it was there. */
  boolean delete(String key) throws UnavailableException, InterruptedException;

  /**
   * Sets or removes a key if it has the expected value; answers whether it had.
   *
   * @param expected {@code null} for no value
   * @param value {@code null} to remove the key
   * @param timeToLive of the new value, as for {@link #set}
   */
  boolean compareAndSet(
      String key, byte @Nullable [] expected, byte @Nullable [] value, Duration timeToLive)
      throws UnavailableException, InterruptedException;

  /**
   * Adds to the number that a key's value is in decimal digits, 0 if there is none.
   *
   * @param timeToLive as for {@link #set}, if the key is created; one that is there keeps its own
   * @return the sum; empty, and nothing is changed, if the value is no decimal number as {@link
   *     Long#toString(long)} writes it, or the sum has no place in 64 bits
   */
  OptionalLong increment(String key, long delta, Duration timeToLive)
      throws UnavailableException, InterruptedException;

  /** Whether an operation may wait for somebody: a disk, a server. */
  default boolean waits() {
    return true;
  }

  /** Keeps values in memory: for runs without a store. */
  static KeyValues inMemory(InstantSource clock) {
    return new KeyValuesInMemory(clock);
  }
}
