package dev.millrace.worker.bench;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.dispatch.Outcome;
import dev.millrace.worker.wasm.AbiSpec;
import dev.millrace.worker.wasm.Engine;
import dev.millrace.worker.wasm.EngineOptions;
import dev.millrace.worker.wasm.FunctionSpec;
import dev.millrace.worker.wasm.FunctionSpec.InstanceMode;
import dev.millrace.worker.wasm.Grants;
import dev.millrace.worker.wasm.Limits;
import dev.millrace.worker.wasm.Outside;
import dev.millrace.worker.wasm.Program;
import dev.millrace.worker.wasm.WasmFunction;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The same function in several languages: processor time of the calling thread for one event. */
final class LanguagesBenchmark implements Benchmark {

  private static final int WARM_UP_MILLIS = 4_000;
  private static final int CALLS = 500;
  private static final int ROUNDS = 15;

  private int orders;

  @Override
  public String name() {
    return "languages";
  }

  @Override
  public String description() {
    return "samples/orders in Rust, C, AssemblyScript and JavaScript, a new order each time.";
  }

  @Override
  public List<Figure> run(Bench bench) throws Exception {
    Map<String, Program> programs = new LinkedHashMap<>();
    programs.put("C", Program.module(bench.guest("c/orders.wasm")));
    programs.put("Rust", Program.module(bench.guest("rust/orders.wasm")));
    programs.put("AssemblyScript", Program.module(bench.guest("assemblyscript/orders.wasm")));
    programs.put("JavaScript", Program.script(bench.guest("javascript/orders.js")));
    List<Figure> figures = new ArrayList<>();
    for (Map.Entry<String, Program> each : programs.entrySet()) {
      figures.add(
          Figure.shown(
              "CPU of a fresh call, " + each.getKey(), "µs", measure(bench, each.getValue()), ""));
    }
    return figures;
  }

  private Spread measure(Bench bench, Program program) throws Exception {
    EngineOptions options = EngineOptions.defaults().withOutside(Outside.inMemory());
    try (Engine engine = Engine.open(options)) {
      WasmFunction function = engine.deploy(spec(program));
      long end = System.nanoTime() + bench.scaled(WARM_UP_MILLIS) * 1_000_000L;
      while (System.nanoTime() - end < 0) {
        micros(function);
      }
      double[] rounds = new double[ROUNDS];
      for (int i = 0; i < rounds.length; i++) {
        rounds[i] = micros(function);
      }
      return Spread.of(rounds);
    }
  }

  private double micros(WasmFunction function) {
    Usage before = Usage.ofThread();
    for (int i = 0; i < CALLS; i++) {
      Outcome outcome = function.invoke(order()).outcome();
      if (!(outcome instanceof Outcome.Succeeded)) {
        throw new IllegalStateException("the guest failed: " + outcome);
      }
    }
    return Usage.ofThread().since(before).cpuMicros(CALLS);
  }

  private Invocation order() {
    String id = "o-" + ++orders;
    String data = "{\"id\": \"" + id + "\", \"amount\": 2599, \"currency\": \"EUR\"}";
    return new Invocation(
        DetachedEvent.of("kafka:orders/0/" + orders, "kafka:orders", "order", Instant.EPOCH, data),
        "orders",
        1);
  }

  private static FunctionSpec spec(Program program) {
    return new FunctionSpec(
        "orders",
        program,
        AbiSpec.AUTO,
        Limits.DEFAULT,
        InstanceMode.FRESH,
        1,
        Map.of("limit", "100000"),
        Map.of(),
        new Grants(Set.of("events/orders.accepted"), true)
            .withKeyValues(Set.of(Outside.DEFAULT_STORE)));
  }
}
