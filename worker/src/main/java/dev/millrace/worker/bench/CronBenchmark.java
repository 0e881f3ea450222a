package dev.millrace.worker.bench;

import dev.millrace.triggers.TriggerStatus.State;
import dev.millrace.worker.Worker;
import dev.millrace.worker.WorkerOptions;
import dev.millrace.worker.dispatch.DispatchListener;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.manifest.Manifest;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.BooleanSupplier;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * How late invocations begin when many cron triggers are due in one second, and what many of them
 * cost. An invocation is as late as it begins after its grid time: its claim is on disk by then.
 */
final class CronBenchmark implements Benchmark {

  private static final int TRIGGERS = 10_000;
  private static final int DUE_TOGETHER = 1_000;
  private static final int SECONDS_BETWEEN = 5;
  private static final int BURSTS = 7;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @Override
  public String name() {
    return "cron";
  }

  @Override
  public String description() {
    return "10,000 cron triggers, 1,000 of which are due in the same second.";
  }

  @Override
  public List<Figure> run(Bench bench) throws Exception {
    int triggers = bench.scaled(TRIGGERS);
    int due = bench.scaled(DUE_TOGETHER);
    Manifest manifest = bench.manifest(yaml(triggers, due));
    Lateness lateness = new Lateness();
    long heapBefore = heap();
    Usage before = Usage.now();
    Worker worker = Worker.start(manifest, WorkerOptions.DEFAULT.withListener(lateness));
    Usage start;
    Usage stop;
    long heapOfTriggers;
    List<Histogram> bursts;
    try (worker) {
      await(() -> running(worker), "the triggers do not run");
      start = Usage.now().since(before);
      heapOfTriggers = heap() - heapBefore;
      int wanted = 1 + bench.scaled(BURSTS);
      await(() -> lateness.complete(due).size() >= wanted, "the triggers do not fire");
      bursts = lateness.complete(due);
      before = Usage.now();
    }
    stop = Usage.now().since(before);
    List<Histogram> warm = bursts.subList(1, bursts.size());
    return List.of(
        Figure.of(
            "lateness p99 of " + due + " at once",
            "ms",
            spread(warm, burst -> millis(burst.getValueAtPercentile(99))),
            Goal.atMost(250, 50),
            String.format(
                Locale.ROOT,
                "p50 %.1f ms, max %.1f ms; first burst p99 %.1f ms",
                spread(warm, burst -> millis(burst.getValueAtPercentile(50))).median(),
                spread(warm, burst -> millis(burst.getMaxValue())).median(),
                millis(bursts.getFirst().getValueAtPercentile(99)))),
        Figure.shown(
            "heap for each trigger",
            "KiB",
            Spread.of(heapOfTriggers / 1024.0 / triggers),
            triggers + " triggers"),
        Figure.shown(
            "CPU from start to all running",
            "s",
            Spread.of(start.cpuNanos() / 1e9),
            String.format(Locale.ROOT, "%.2f s wall", start.wallNanos() / 1e9)),
        Figure.shown(
            "CPU of the stop",
            "s",
            Spread.of(stop.cpuNanos() / 1e9),
            String.format(Locale.ROOT, "%.2f s wall", stop.wallNanos() / 1e9)));
  }

  /** The hourly ones are due when nobody measures. */
  private static String yaml(int triggers, int due) {
    int minute = LocalTime.now(ZoneOffset.UTC).getMinute();
    StringBuilder yaml = new StringBuilder("functions: { f: { wasm: tiny.wasm } }\ntriggers:\n");
    for (int i = 0; i < triggers; i++) {
      String schedule =
          i < due
              ? "0/" + SECONDS_BETWEEN + " * * * * ?"
              : i % 60 + " " + (minute + 20 + i % 30) % 60 + " * * * ?";
      yaml.append("  t").append(i).append(": { cron: { schedule: \"").append(schedule);
      yaml.append("\" }, function: f }\n");
    }
    return yaml.toString();
  }

  private static boolean running(Worker worker) {
    return worker.triggers().values().stream()
        .allMatch(trigger -> trigger.status().state() == State.RUNNING);
  }

  private static void await(BooleanSupplier condition, String otherwise)
      throws InterruptedException {
    Polling.until(condition, PATIENCE, Duration.ofMillis(50), () -> otherwise);
  }

  private static Spread spread(List<Histogram> bursts, ToDoubleFunction<Histogram> value) {
    return Spread.of(bursts.stream().mapToDouble(value).toArray());
  }

  private static double millis(long micros) {
    return micros / 1e3;
  }

  private static long heap() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  /** Takes down how late each invocation begins, by grid time. Safe for any thread. */
  private static final class Lateness implements DispatchListener {

    private final Map<Instant, Histogram> byGridTime = new ConcurrentSkipListMap<>();

    @Override
    public void attempted(String function, Invocation invocation, Invocation.Result result) {
      Instant due = invocation.event().time();
      Duration late = Duration.between(due, Instant.now().minus(result.duration()));
      byGridTime
          .computeIfAbsent(due, time -> new ConcurrentHistogram(3))
          .recordValue(Math.max(0, late.toNanos() / 1000));
    }

    /** Those of the grid times at which all have begun, oldest first. */
    List<Histogram> complete(int due) {
      List<Histogram> complete = new ArrayList<>();
      for (Histogram each : byGridTime.values()) {
        if (each.getTotalCount() == due) {
          complete.add(each);
        }
      }
      return complete;
    }
  }
}
