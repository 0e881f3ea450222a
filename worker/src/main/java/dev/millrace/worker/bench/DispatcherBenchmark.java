package dev.millrace.worker.bench;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.abi.Event;
import dev.millrace.triggers.Intake;
import dev.millrace.triggers.Settlement;
import dev.millrace.triggers.SettlementListener;
import dev.millrace.worker.admin.Metrics;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * What the worker adds to an event between its source and its function, and back: room, lanes, the
 * ledger, worker threads, metrics and the record of what runs, without any source or sandbox.
 *
 * <p>One thread submits; the processor time of all threads counts, less what the submitting loop
 * takes by itself.
 */
final class DispatcherBenchmark implements Benchmark {

  private static final int KEYS = 10_000;
  private static final int IN_FLIGHT = 10_000;
  private static final int EVENTS = 1_000_000;
  private static final int ROUNDS = 9;
  private static final int WARM_UP_ROUNDS = 4;
  private static final long FULL_PAUSE_NANOS = 100_000;
  private static final SettlementListener LISTENER = (event, settlement) -> {};

  private final Event[] events = new Event[KEYS];
  private final String[] keys = new String[KEYS];

  @Override
  public String name() {
    return "dispatcher";
  }

  @Override
  public String description() {
    return "Events from submission to settlement around a function that does nothing.";
  }

  @Override
  public List<Figure> run(Bench bench) throws Exception {
    for (int i = 0; i < KEYS; i++) {
      keys[i] = "key-" + i;
      events[i] = DetachedEvent.of("bench:" + i, "bench", "bench", Instant.EPOCH, "data");
    }
    int count = bench.scaled(EVENTS);
    try (Metrics metrics = new Metrics("bench", "0");
        Mill mill = Mill.watched(bench.directory().resolve("dispatcher.bin"), metrics)) {
      Intake none = mill.intake("none", new DoesNothing(), IN_FLIGHT);
      Intake key = mill.intake("key", new DoesNothing(), IN_FLIGHT);
      Turns.Pass<Usage> unordered = () -> pass(mill, none, false, count);
      Turns.Pass<Usage> ordered = () -> pass(mill, key, true, count);
      Turns.Pass<Usage> loop = () -> loopAlone(count);
      Turns.of(WARM_UP_ROUNDS, unordered, loop);
      Turns.of(WARM_UP_ROUNDS, ordered, loop);
      Turns<Usage> withoutLanes = Turns.of(ROUNDS, unordered, loop);
      Turns<Usage> withLanes = Turns.of(ROUNDS, ordered, loop);
      return List.of(
          cpu("CPU of an event, order none", withoutLanes, Goal.atMost(1.0, 0.65), count),
          cpu("CPU of an event, order key", withLanes, Goal.atMost(1.5, 0.95), count),
          Figure.shown(
              "allocation of an event, order key",
              "B",
              withLanes.difference(usage -> usage.bytes(count)),
              ""));
    }
  }

  private static Figure cpu(String measure, Turns<Usage> turns, Goal goal, int count) {
    return Figure.of(
        measure,
        "µs",
        turns.difference(usage -> usage.cpuMicros(count)),
        goal,
        String.format(
            Locale.ROOT, "%.0f events/s", turns.subject(usage -> usage.perSecond(count)).median()));
  }

  private Usage pass(Mill mill, Intake intake, boolean lanes, int count) {
    Usage before = Usage.now();
    for (int i = 0; i < count; i++) {
      int which = i % KEYS;
      while (!intake.offer(events[which], lanes ? keys[which] : null, LISTENER)) {
        LockSupport.parkNanos(FULL_PAUSE_NANOS);
      }
    }
    while (!mill.idle()) {
      LockSupport.parkNanos(FULL_PAUSE_NANOS);
    }
    return Usage.now().since(before);
  }

  private Usage loopAlone(int count) {
    Usage before = Usage.now();
    Intake nowhere = new Nowhere();
    for (int i = 0; i < count; i++) {
      int which = i % KEYS;
      while (!nowhere.offer(events[which], keys[which], LISTENER)) {
        LockSupport.parkNanos(FULL_PAUSE_NANOS);
      }
    }
    return Usage.now().since(before);
  }

  /** Takes every event, and settles it at once. */
  private static final class Nowhere implements Intake {
    @Override
    public boolean offer(Event event, @Nullable Object lane, SettlementListener listener) {
      listener.settled(event, Settlement.DONE);
      return true;
    }

    @Override
    public int room() {
      return 1;
    }
  }
}
