package dev.millrace.worker.bench;

import dev.millrace.worker.Worker;
import dev.millrace.worker.dispatch.Conservation;
import java.util.Locale;

/** How far a worker is with a trigger's events, all of which have to succeed. */
final class Settled {

  private static final long LIMIT_NANOS = 120_000_000_000L;

  private final Worker worker;
  private final String trigger;

  Settled(Worker worker, String trigger) {
    this.worker = worker;
    this.trigger = trigger;
  }

  /** How many have succeeded. Any thread. */
  long count() {
    return worker.conservation(trigger).succeeded();
  }

  /**
   * Waits until so many have succeeded. Blocks, looking every 5 ms.
   *
   * @param load what gives them, checked meanwhile
   * @throws IllegalStateException if one did not succeed, if the load failed, or after two minutes
   */
  void await(long count, Load load) throws InterruptedException {
    await(count, load::check);
  }

  /** As the other one, for events that are all there already. */
  void await(long count) throws InterruptedException {
    await(count, () -> {});
  }

  private void await(long count, Runnable alive) throws InterruptedException {
    long start = System.nanoTime();
    while (count() < count) {
      alive.run();
      if (System.nanoTime() - start > LIMIT_NANOS) {
        throw new IllegalStateException(
            String.format(
                Locale.ROOT,
                "trigger '%s' has not settled %d events: %s",
                trigger,
                count,
                worker.conservation(trigger)));
      }
      Thread.sleep(5);
    }
    check(count);
  }

  private void check(long count) {
    Conservation ledger = worker.conservation(trigger);
    if (ledger.received() != count || ledger.succeeded() != count) {
      throw new IllegalStateException(
          "trigger '" + trigger + "' lost, dropped or repeated events: " + ledger);
    }
  }
}
