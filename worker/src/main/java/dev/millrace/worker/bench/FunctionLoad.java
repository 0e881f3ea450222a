package dev.millrace.worker.bench;

import dev.millrace.abi.Event;
import dev.millrace.triggers.FailureKind;
import dev.millrace.worker.dispatch.Function;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.dispatch.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.HdrHistogram.Histogram;

/** Calls one function with one event again and again, without any trigger. */
public final class FunctionLoad {

  private static final long STACK_BYTES = 2L << 20;
  private static final int DIGITS = 3;

  private final Function function;
  private final Event event;
  private final Plan plan;

  /**
   * How to call.
   *
   * @param threads how many calls run at once at most, at least 1
   * @param warmUp how long calls are not counted, first
   * @param measured how long they are
   * @param perSecond how many calls a second are due; 0 for as many as come back
   */
  public record Plan(int threads, Duration warmUp, Duration measured, double perSecond) {
    public Plan {
      if (threads < 1 || warmUp.isNegative() || !measured.isPositive() || perSecond < 0) {
        throw new IllegalArgumentException("threads and time must be > 0, the rate >= 0");
      }
    }
  }

  /** What one thread saw. Confined to it until it has ended. */
  private static final class Seen {
    private final Histogram latency = new Histogram(DIGITS);
    private final Map<FailureKind, Long> failures = new EnumMap<>(FailureKind.class);
  }

  public FunctionLoad(Function function, Event event, Plan plan) {
    this.function = function;
    this.event = event;
    this.plan = plan;
  }

  /**
   * Calls as planned. Blocks for warm-up and measurement together.
   *
   * @throws InterruptedException when interrupted; calls that run are ended then
   */
  public List<Figure> run() throws InterruptedException {
    call(Pace.of(plan.warmUp().toNanos(), 0));
    Usage before = Usage.now();
    Seen seen = call(Pace.of(plan.measured().toNanos(), plan.perSecond()));
    return figures(seen, Usage.now().since(before));
  }

  private Seen call(Pace pace) throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    List<Seen> all = new ArrayList<>();
    for (int i = 0; i < plan.threads(); i++) {
      Seen seen = new Seen();
      all.add(seen);
      threads.add(new Thread(null, () -> call(pace, seen), "bench-" + i, STACK_BYTES));
    }
    threads.forEach(Thread::start);
    try {
      for (Thread thread : threads) {
        thread.join();
      }
    } catch (InterruptedException e) {
      threads.forEach(Thread::interrupt);
      throw e;
    }
    Seen sum = all.getFirst();
    for (Seen other : all.subList(1, all.size())) {
      sum.latency.add(other.latency);
      other.failures.forEach((kind, count) -> sum.failures.merge(kind, count, Long::sum));
    }
    return sum;
  }

  private void call(Pace pace, Seen seen) {
    for (long due = pace.next();
        due != Long.MIN_VALUE && !Thread.currentThread().isInterrupted();
        due = pace.next()) {
      Outcome outcome = function.invoke(new Invocation(event, "bench", 1)).outcome();
      seen.latency.recordValue(pace.since(due));
      if (outcome instanceof Outcome.Failed failed) {
        seen.failures.merge(failed.kind(), 1L, Long::sum);
      }
    }
  }

  private List<Figure> figures(Seen seen, Usage usage) {
    long calls = seen.latency.getTotalCount();
    if (calls == 0) {
      throw new IllegalStateException("no call came back in " + plan.measured());
    }
    List<Figure> figures = new ArrayList<>();
    figures.add(shown("calls", "/s", usage.perSecond(calls), calls + " calls"));
    figures.add(shown("CPU of a call", "µs", usage.cpuMicros(calls), "of the whole process"));
    figures.add(shown("allocated by a call", "B", usage.bytes(calls), "on the host's heap"));
    for (double percentile : new double[] {50, 90, 99, 99.9, 100}) {
      figures.add(
          shown(
              percentile == 100 ? "latency, longest" : "latency p" + trimmed(percentile),
              "µs",
              seen.latency.getValueAtPercentile(percentile) / 1e3,
              plan.perSecond() > 0 ? "from when the call was due" : "from the call"));
    }
    seen.failures.forEach(
        (kind, count) ->
            figures.add(
                shown(
                    "failed, " + kind.name().toLowerCase(Locale.ROOT).replace('_', ' '),
                    "%",
                    100.0 * count / calls,
                    count + " calls")));
    return figures;
  }

  private static String trimmed(double percentile) {
    return percentile == Math.rint(percentile)
        ? String.valueOf((int) percentile)
        : String.valueOf(percentile);
  }

  private static Figure shown(String measure, String unit, double value, String detail) {
    return Figure.shown(measure, unit, Spread.of(value), detail);
  }
}
