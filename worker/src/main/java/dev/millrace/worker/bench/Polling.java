package dev.millrace.worker.bench;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for what nobody signals. */
final class Polling {

  private Polling() {}

  /**
   * Blocks until a condition holds, looking now and then.
   *
   * @param otherwise says what is wrong if it does not within the limit
   * @throws IllegalStateException if it does not
   */
  static void until(
      BooleanSupplier condition, Duration limit, Duration every, Supplier<String> otherwise)
      throws InterruptedException {
    long began = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - began > limit.toNanos()) {
        throw new IllegalStateException(otherwise.get());
      }
      Thread.sleep(every);
    }
  }
}
