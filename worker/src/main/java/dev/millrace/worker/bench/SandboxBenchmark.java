package dev.millrace.worker.bench;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.dispatch.Outcome;
import dev.millrace.worker.wasm.Engine;
import dev.millrace.worker.wasm.EngineOptions;
import dev.millrace.worker.wasm.FunctionSpec;
import dev.millrace.worker.wasm.FunctionSpec.InstanceMode;
import dev.millrace.worker.wasm.Grants;
import dev.millrace.worker.wasm.Limits;
import dev.millrace.worker.wasm.WasmFunction;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What a fresh sandbox for every event costs: processor time of the calling thread. */
final class SandboxBenchmark implements Benchmark {

  private static final String ORDER =
      """
      {"id": "o-1", "amount": 2599, "currency": "EUR",
       "items": ["book", "pen", "ink", "paper", "ruler", "lamp", "chair", "desk"]}""";

  private static final int WARM_UP_CALLS = 60_000;
  private static final int CALLS = 2_000;
  private static final int ROUNDS = 41;

  @Override
  public String name() {
    return "sandbox";
  }

  @Override
  public String description() {
    return "A Rust JSON guest called in a fresh sandbox, beside a reused one.";
  }

  @Override
  public List<Figure> run(Bench bench) throws Exception {
    Path guest = bench.guest(Bench.ORDERS);
    try (Engine engine = Engine.open(EngineOptions.defaults())) {
      WasmFunction fresh = engine.deploy(spec(guest, InstanceMode.FRESH));
      WasmFunction reuse = engine.deploy(spec(guest, InstanceMode.REUSE));
      cpuMicros(fresh, bench.scaled(WARM_UP_CALLS));
      cpuMicros(reuse, bench.scaled(WARM_UP_CALLS));
      Turns<Double> turns =
          Turns.of(ROUNDS, () -> cpuMicros(fresh, CALLS), () -> cpuMicros(reuse, CALLS));
      return List.of(
          Figure.ratio(
              "CPU of a fresh call ÷ a reused one",
              turns.ratio(Double::doubleValue),
              Goal.atMost(1.15, 1.05),
              String.format(
                  Locale.ROOT,
                  "%.1f µs ÷ %.1f µs",
                  turns.subject(Double::doubleValue).median(),
                  turns.baseline(Double::doubleValue).median())));
    }
  }

  private static double cpuMicros(WasmFunction function, int calls) {
    Invocation invocation =
        new Invocation(
            DetachedEvent.of("kafka:orders/0/1", "kafka:orders", "order", Instant.EPOCH, ORDER),
            "orders",
            1);
    Usage before = Usage.ofThread();
    for (int i = 0; i < calls; i++) {
      Outcome outcome = function.invoke(invocation).outcome();
      if (!(outcome instanceof Outcome.Succeeded)) {
        throw new IllegalStateException("the guest failed: " + outcome);
      }
    }
    return Usage.ofThread().since(before).cpuMicros(calls);
  }

  private static FunctionSpec spec(Path guest, InstanceMode mode) {
    return new FunctionSpec(
        "charge",
        guest,
        Optional.empty(),
        Limits.DEFAULT,
        mode,
        1,
        Map.of("fee_per_mille", "14"),
        Map.of(),
        Grants.publishTo(Set.of("*")));
  }
}
