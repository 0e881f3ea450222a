package dev.millrace.worker.bench;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.dispatch.Outcome;
import dev.millrace.worker.wasm.Engine;
import dev.millrace.worker.wasm.EngineOptions;
import dev.millrace.worker.wasm.WasmFunction;
import dev.millrace.worker.wasm.host.Outside;
import dev.millrace.worker.wasm.spec.AbiSpec;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import dev.millrace.worker.wasm.spec.FunctionSpec.InstanceMode;
import dev.millrace.worker.wasm.spec.Grants;
import dev.millrace.worker.wasm.spec.Limits;
import dev.millrace.worker.wasm.spec.Program;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The same function in several languages: processor time of the calling thread for one event. */
final class LanguagesBenchmark implements Benchmark {

  private static final int ROUNDS = 15;

  private static final Amount COMPILED = new Amount(4_000, 500);

  /** The interpreter of scripts has huge functions, whose compilation takes the JVM that long. */
  private static final Amount INTERPRETED = new Amount(20_000, 500);

  /** Starts Go's own run-time for each event. */
  private static final Amount WITH_RUN_TIME = new Amount(12_000, 20);

  private int orders;

  @Override
  public String name() {
    return "languages";
  }

  @Override
  public String description() {
    return "samples/orders in C, Rust, AssemblyScript and JavaScript, and in Go where that is installed.";
  }

  @Override
  public List<Figure> run(Bench bench) throws Exception {
    Map<String, Guest> guests = new LinkedHashMap<>();
    guests.put("C", new Guest(Program.module(bench.guest("c/orders.wasm")), COMPILED));
    guests.put("Rust", new Guest(Program.module(bench.guest("rust/orders.wasm")), COMPILED));
    guests.put(
        "AssemblyScript",
        new Guest(Program.module(bench.guest("assemblyscript/orders.wasm")), COMPILED));
    guests.put(
        "JavaScript", new Guest(Program.script(bench.guest("javascript/orders.js")), INTERPRETED));
    GoGuest.build(bench)
        .ifPresent(module -> guests.put("Go", new Guest(Program.module(module), WITH_RUN_TIME)));
    List<Figure> figures = new ArrayList<>();
    for (Map.Entry<String, Guest> each : guests.entrySet()) {
      figures.add(
          Figure.shown(
              "CPU of a fresh call, " + each.getKey(), "µs", measure(bench, each.getValue()), ""));
    }
    return figures;
  }

  /** What is called, and how often. */
  private record Guest(Program program, Amount amount) {}

  /**
   * How much is done.
   *
   * @param warmUpMillis how long calls are not counted
   * @param calls of a round
   */
  private record Amount(int warmUpMillis, int calls) {}

  private Spread measure(Bench bench, Guest guest) throws Exception {
    EngineOptions options = EngineOptions.defaults().withOutside(Outside.inMemory());
    try (Engine engine = Engine.open(options)) {
      WasmFunction function = engine.deploy(spec(guest.program()));
      long end = System.nanoTime() + bench.scaled(guest.amount().warmUpMillis()) * 1_000_000L;
      while (System.nanoTime() - end < 0) {
        micros(function, guest.amount().calls());
      }
      double[] rounds = new double[ROUNDS];
      for (int i = 0; i < rounds.length; i++) {
        rounds[i] = micros(function, guest.amount().calls());
      }
      return Spread.of(rounds);
    }
  }

  private double micros(WasmFunction function, int calls) {
    Usage before = Usage.ofThread();
    for (int i = 0; i < calls; i++) {
      Outcome outcome = function.invoke(order()).outcome();
      if (!(outcome instanceof Outcome.Succeeded)) {
        throw new IllegalStateException("the guest failed: " + outcome);
      }
    }
    return Usage.ofThread().since(before).cpuMicros(calls);
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
