package dev.millrace.worker.bench;

import dev.millrace.triggers.Intake;
import dev.millrace.worker.dispatch.Function;
import dev.millrace.worker.wasm.Engine;
import dev.millrace.worker.wasm.host.HttpGateway;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * What an event of one function waits while another function never ends, is busy, or fails, at full
 * load. An event's time counts from the moment in which it was to be sent, whether its sender was
 * late or not.
 */
final class FairnessBenchmark implements Benchmark {

  private static final int PER_SECOND = 500;
  private static final int PASS_MILLIS = 2000;
  private static final int WARM_UP_MILLIS = 3000;
  private static final int ROUNDS = 5;

  /** Passes of each side in a round: what strikes a machine now and then should strike both. */
  private static final int PASSES = 3;

  private static final int SETTLING_MILLIS = 500;
  private static final int IN_FLIGHT = 1000;
  private static final int BAD_IN_FLIGHT = 32;
  private static final Duration TIMEOUT = Duration.ofMillis(100);
  private static final double P99 = 99;

  @Override
  public String name() {
    return "fairness";
  }

  @Override
  public String description() {
    return "An event's time at 500 a second while another function loops, is busy or fails at full"
        + " load, beside a quiet worker.";
  }

  @Override
  public List<Figure> run(Bench bench) throws Exception {
    Path guest = bench.guest(Bench.ACTS);
    int cores = Runtime.getRuntime().availableProcessors();
    try (Engine engine = Acts.engine(HttpGateway.NONE);
        Mill mill = Mill.unwatched()) {
      Function wellBehaved = engine.deploy(Acts.function("good", guest, cores, TIMEOUT));
      Function misbehaving = engine.deploy(Acts.function("bad", guest, cores, TIMEOUT));
      Intake good = mill.intake("good", wellBehaved, IN_FLIGHT);
      Intake bad = mill.intake("bad", misbehaving, IN_FLIGHT);
      measure(bench.scaled(WARM_UP_MILLIS), good);
      return List.of(
          figure(bench, mill, good, bad, Acts.LOOP, "loops until its timeout"),
          figure(bench, mill, good, bad, Acts.NOTHING, "returns at once, at full load"),
          figure(bench, mill, good, bad, Acts.TRAP, "traps"));
    }
  }

  private static Figure figure(
      Bench bench, Mill mill, Intake good, Intake bad, Acts act, String what) throws Exception {
    beside(bench, mill, bad, act, () -> measure(bench.scaled(WARM_UP_MILLIS), good));
    List<Histogram> loaded = new ArrayList<>();
    List<Histogram> quiet = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      Turns<Histogram> passes =
          Turns.of(
              PASSES,
              () -> beside(bench, mill, bad, act, () -> measure(bench.scaled(PASS_MILLIS), good)),
              () -> measure(bench.scaled(PASS_MILLIS), good));
      loaded.add(sum(passes.subjects()));
      quiet.add(sum(passes.baselines()));
    }
    Turns<Histogram> turns = Turns.between(loaded, quiet);
    return Figure.ratio(
        "p99 of an event while another function " + what + " ÷ quiet",
        turns.ratio(FairnessBenchmark::p99),
        Goal.atMost(2, 1.2),
        String.format(
            Locale.ROOT,
            "p50 %.0f ÷ %.0f µs, p99 %.0f ÷ %.0f µs",
            turns.subject(each -> each.getValueAtPercentile(50)).median() / 1e3,
            turns.baseline(each -> each.getValueAtPercentile(50)).median() / 1e3,
            turns.subject(FairnessBenchmark::p99).median() / 1e3,
            turns.baseline(FairnessBenchmark::p99).median() / 1e3));
  }

  /** What is measured while the other function has all the events that it can take. */
  private static Histogram beside(
      Bench bench, Mill mill, Intake bad, Acts act, Turns.Pass<Histogram> pass) throws Exception {
    try (Mill.Flood flood = new Mill.Flood(bad, act.event(), BAD_IN_FLIGHT)) {
      Thread.sleep(bench.scaled(SETTLING_MILLIS));
      Histogram times = pass.run();
      bench.say("  " + flood.settled() + " of the bad ones settled");
      return times;
    } finally {
      mill.awaitIdle();
    }
  }

  private static Histogram sum(List<Histogram> passes) {
    Histogram sum = new Histogram(passes.getFirst());
    passes.forEach(sum::add);
    return sum;
  }

  private static double p99(Histogram times) {
    return times.getValueAtPercentile(P99);
  }

  /** Sends events at their times and answers how long each took from its time, in nanoseconds. */
  private static Histogram measure(int millis, Intake intake) throws InterruptedException {
    int count = Math.max(1, PER_SECOND * millis / 1000);
    long apart = Duration.ofSeconds(1).toNanos() / PER_SECOND;
    Histogram times = new ConcurrentHistogram(Duration.ofMinutes(1).toNanos(), 3);
    long first = System.nanoTime() + apart;
    for (int i = 0; i < count; i++) {
      long at = first + i * apart;
      for (long left = at - System.nanoTime(); left > 0; left = at - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
      while (!intake.offer(
          Acts.NOTHING.event(),
          null,
          (event, settlement) -> times.recordValue(System.nanoTime() - at))) {
        Thread.onSpinWait();
      }
    }
    while (times.getTotalCount() < count) {
      Thread.sleep(1);
    }
    return times;
  }
}
