package dev.millrace.worker.bench;

import dev.millrace.worker.Worker;
import dev.millrace.worker.dispatch.Conservation;
import java.time.Duration;
import java.util.Locale;

/** How far a worker is with a trigger's events, all of which have to succeed. */
final class Settled {

  private static final Duration LIMIT = Duration.ofMinutes(2);

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
   * Waits until so many have succeeded, which are all there already. Blocks, looking every 5 ms.
   *
   * @throws IllegalStateException if one did not succeed, or after two minutes
   */
  void await(long count) throws InterruptedException {
    await(count, () -> {});
  }

  /**
   * Has so many more events given by a load, and waits until they have succeeded.
   *
   * @return what that took, without what the thread of the load used
   * @throws IllegalStateException if one did not succeed, if the load failed, or after two minutes
   */
  Usage more(long events, Load.Work work) throws Exception {
    long target = count() + events;
    Usage before = Usage.now();
    Load load = Load.start(work);
    await(target, load::check);
    return Usage.now().since(before).without(load.await());
  }

  private void await(long count, Runnable alive) throws InterruptedException {
    Polling.until(
        () -> {
          alive.run();
          return count() >= count;
        },
        LIMIT,
        Duration.ofMillis(5),
        () ->
            String.format(
                Locale.ROOT,
                "trigger '%s' has not settled %d events: %s",
                trigger,
                count,
                worker.conservation(trigger)));
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
