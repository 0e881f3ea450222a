package dev.millrace.worker.wasm.bench;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.dispatch.Outcome;
import dev.millrace.worker.wasm.DeployException;
import dev.millrace.worker.wasm.Engine;
import dev.millrace.worker.wasm.EngineOptions;
import dev.millrace.worker.wasm.FunctionSpec;
import dev.millrace.worker.wasm.FunctionSpec.InstanceMode;
import dev.millrace.worker.wasm.FunctionStats;
import dev.millrace.worker.wasm.Grants;
import dev.millrace.worker.wasm.Limits;
import dev.millrace.worker.wasm.WasmFunction;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * What a fresh sandbox for every event costs over a reused one: CPU time of the calling thread for
 * each call, by turns, so that both meet the same machine. Not part of the build; {@code
 * docs/performance.md} tells how to run it and what it measured.
 */
class FreshVersusReuseBenchmark {

  private static final Path GUEST =
      Path.of(System.getProperty("guest", "../samples/quickstart/functions/orders/orders.wasm"));
  private static final String ORDER =
      """
      {"id": "o-1", "amount": 2599, "currency": "EUR",
       "items": ["book", "pen", "ink", "paper", "ruler", "lamp", "chair", "desk"]}""";

  private static final int WARM_UP_CALLS = 60_000;
  private static final int CALLS = 2_000;
  private static final int ROUNDS = 41;
  private static final double WORST_RATIO = 1.25;

  @Test
  void aFreshSandboxCostsAtMostAQuarterMoreThanAReusedOne() throws DeployException {
    try (Engine engine = Engine.open(EngineOptions.defaults())) {
      WasmFunction fresh = engine.deploy(spec(InstanceMode.FRESH));
      WasmFunction reuse = engine.deploy(spec(InstanceMode.REUSE));
      measure(fresh, WARM_UP_CALLS);
      measure(reuse, WARM_UP_CALLS);

      double[] freshMicros = new double[ROUNDS];
      double[] reuseMicros = new double[ROUNDS];
      double[] ratios = new double[ROUNDS];
      for (int round = 0; round < ROUNDS; round++) {
        boolean freshFirst = round % 2 == 0;
        double first = measure(freshFirst ? fresh : reuse, CALLS);
        double second = measure(freshFirst ? reuse : fresh, CALLS);
        freshMicros[round] = freshFirst ? first : second;
        reuseMicros[round] = freshFirst ? second : first;
        ratios[round] = freshMicros[round] / reuseMicros[round];
      }

      FunctionStats stats = fresh.stats();
      double ratio = median(ratios);
      System.out.printf(
          Locale.ROOT,
          "guest %s%nCPU per call, median of %d rounds of %d calls: fresh %.2f us, reuse %.2f us%n"
              + "fresh / reuse: median %.3f, from %.3f to %.3f%n"
              + "reset: %.2f us a call, %d instances made%n",
          GUEST.getFileName(),
          ROUNDS,
          CALLS,
          median(freshMicros),
          median(reuseMicros),
          ratio,
          Arrays.stream(ratios).min().orElseThrow(),
          Arrays.stream(ratios).max().orElseThrow(),
          stats.resetNanos() / 1e3 / stats.resets(),
          stats.coldStarts());
      assertTrue(ratio <= WORST_RATIO, () -> "fresh costs " + ratio + " times reuse");
    }
  }

  /** CPU microseconds of this thread for each of so many calls. */
  private static double measure(WasmFunction function, int calls) {
    Invocation invocation =
        new Invocation(
            DetachedEvent.of("kafka:orders/0/1", "kafka:orders", "order", Instant.EPOCH, ORDER),
            "orders",
            1);
    var threads = ManagementFactory.getThreadMXBean();
    long began = threads.getCurrentThreadCpuTime();
    Outcome last = null;
    for (int i = 0; i < calls; i++) {
      last = function.invoke(invocation).outcome();
    }
    long nanos = threads.getCurrentThreadCpuTime() - began;
    Outcome ended = last;
    assertInstanceOf(Outcome.Succeeded.class, last, () -> String.valueOf(ended));
    return nanos / 1e3 / calls;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static FunctionSpec spec(InstanceMode mode) {
    return new FunctionSpec(
        "charge",
        GUEST,
        Optional.empty(),
        Limits.DEFAULT,
        mode,
        1,
        Map.of("fee_per_mille", "14"),
        Map.of(),
        Grants.publishTo(Set.of("*")));
  }
}
