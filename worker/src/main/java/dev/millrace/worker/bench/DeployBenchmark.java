package dev.millrace.worker.bench;

import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.dispatch.Outcome;
import dev.millrace.worker.wasm.Engine;
import dev.millrace.worker.wasm.EngineOptions;
import dev.millrace.worker.wasm.WasmFunction;
import dev.millrace.worker.wasm.spec.FunctionSpec.InstanceMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** How long it takes from a module's file to its first answer, in a worker that is warm. */
final class DeployBenchmark implements Benchmark {

  private static final String ORDER =
      """
      {"id": "o-1", "amount": 2599, "currency": "EUR", "items": ["book", "pen"]}""";

  private static final int WARM_UP_ROUNDS = 40;
  private static final int ROUNDS = 41;

  @Override
  public String name() {
    return "deploy";
  }

  @Override
  public String description() {
    return "From deploying a Rust module of 134 KB to its first answer, compiled and from the cache.";
  }

  @Override
  public List<Figure> run(Bench bench) throws Exception {
    byte[] module = Files.readAllBytes(bench.guest(Bench.ORDERS));
    EngineOptions options =
        EngineOptions.defaults().withCacheDirectory(bench.directory().resolve("compiled"));
    Variants variants = new Variants(module, bench.directory());
    for (int i = 0; i < bench.scaled(WARM_UP_ROUNDS); i++) {
      Path variant = variants.next();
      deploy(options, variant);
      deploy(options, variant);
    }
    double[] misses = new double[ROUNDS];
    double[] hits = new double[ROUNDS];
    double[] again = new double[ROUNDS];
    try (Engine engine = Engine.open(options)) {
      WasmFunction running =
          engine.deploy(OrderGuest.function("running", variants.next(), InstanceMode.FRESH));
      for (int i = 0; i < ROUNDS; i++) {
        Path variant = variants.next();
        misses[i] = deploy(options, variant);
        hits[i] = deploy(options, variant);
        again[i] = millis(engine, "other", running.spec().program().module().orElseThrow());
      }
    }
    return List.of(
        Figure.of(
            "deploy to first answer, compiled",
            "ms",
            Spread.of(misses),
            Goal.atMost(300, 150),
            module.length + " bytes"),
        Figure.of(
            "deploy to first answer, from the compile cache",
            "ms",
            Spread.of(hits),
            Goal.atMost(30, 15),
            "in a new engine"),
        Figure.shown(
            "deploy to first answer, the module of a running function",
            "ms",
            Spread.of(again),
            "in the same engine"));
  }

  private static double deploy(EngineOptions options, Path module) throws Exception {
    try (Engine engine = Engine.open(options)) {
      return millis(engine, "charge", module);
    }
  }

  private static double millis(Engine engine, String name, Path module) throws Exception {
    Invocation invocation = OrderGuest.invocation(ORDER);
    long began = System.nanoTime();
    try (WasmFunction function =
        engine.deploy(OrderGuest.function(name, module, InstanceMode.FRESH))) {
      Outcome outcome = function.invoke(invocation).outcome();
      double millis = (System.nanoTime() - began) / 1e6;
      if (!(outcome instanceof Outcome.Succeeded)) {
        throw new IllegalStateException("the guest failed: " + outcome);
      }
      return millis;
    }
  }
}
