package dev.millrace.worker.keeping;

import dev.millrace.worker.store.Store;
import java.time.Duration;
import java.time.InstantSource;

/**
 * Lets the store forget, once a minute, what is remembered for a time only: events seen, keys
 * claimed, functions' values. On the thread {@code forgetting}.
 */
public final class Forgetting implements AutoCloseable {

  private static final Duration EVERY = Duration.ofMinutes(1);

  private final Store store;
  private final InstantSource clock;
  private final Periodic periodic = new Periodic("forgetting", EVERY, this::forget);

  public Forgetting(Store store, InstantSource clock) {
    this.store = store;
    this.clock = clock;
  }

  /** Forgets from now on. */
  public void start() {
    periodic.start();
  }

  private void forget() {
    store.seenEvents().forget(clock.instant());
    store.claimedKeys().forget(clock.instant());
    store.values().forget(clock.instant());
  }

  /** Ends the thread. Blocks for at most five seconds. */
  @Override
  public void close() {
    periodic.close();
  }
}
