package dev.millrace.worker.testing;

import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.dispatch.Outcome;
import dev.millrace.worker.manifest.TestSpec;
import dev.millrace.worker.manifest.TestSpec.Expectation;
import dev.millrace.worker.wasm.DeployException;
import dev.millrace.worker.wasm.Engine;
import dev.millrace.worker.wasm.EngineOptions;
import dev.millrace.worker.wasm.WasmFunction;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The tests of one function, one after the other, in an engine of their own whose world is that of
 * the running test. Confined to one thread.
 */
final class FunctionTests {

  private final Engine engine;
  private final MockWorld world;
  private final Map<FunctionSpec, WasmFunction> deployed = new HashMap<>();

  private FunctionTests(Engine engine, MockWorld world) {
    this.engine = engine;
    this.world = world;
  }

  static List<TestResult> run(
      FunctionSpec function, Set<String> stores, EngineOptions options, List<TestSpec> tests)
      throws DeployException, InterruptedException {
    MockWorld world = new MockWorld(stores);
    EngineOptions mocked = options.withWallClock(world.clock()).withOutside(world.outside());
    List<TestResult> results = new ArrayList<>();
    try (Engine engine = Engine.open(mocked)) {
      FunctionTests running = new FunctionTests(engine, world);
      for (TestSpec test : tests) {
        results.add(running.run(function, test));
      }
    }
    return results;
  }

  private TestResult run(FunctionSpec function, TestSpec test)
      throws DeployException, InterruptedException {
    world.begin(test.given());
    WasmFunction configured = deploy(function.withConfig(test.given().config()));
    List<Expectation> expectations = new ArrayList<>();
    expectations.add(test.expect());
    expectations.addAll(test.then());
    List<String> differences = new ArrayList<>();
    Duration duration = Duration.ZERO;
    for (int i = 0; i < expectations.size() && differences.isEmpty(); i++) {
      int attempt = test.given().attempt() + i;
      Invocation invocation = new Invocation(test.given().event(), "test", attempt);
      Invocation.Result result = configured.invoke(invocation);
      settle(function, invocation, result);
      duration = duration.plus(result.duration());
      String which = i == 0 ? "" : "attempt " + attempt + ": ";
      Comparison.of(expectations.get(i), result, world)
          .forEach(difference -> differences.add(which + difference));
    }
    return new TestResult(test, differences, duration);
  }

  /** What it claimed is done if the attempt is, and free again if it failed. */
  private void settle(FunctionSpec function, Invocation invocation, Invocation.Result result) {
    if (result.outcome() instanceof Outcome.Succeeded) {
      world.onceKeys().finish(function.name(), invocation.owner(), result.claims());
    } else {
      world.onceKeys().giveUp(function.name(), invocation.owner(), result.claims());
    }
  }

  private WasmFunction deploy(FunctionSpec spec) throws DeployException {
    WasmFunction function = deployed.get(spec);
    if (function == null) {
      function = engine.deploy(spec);
      deployed.put(spec, function);
    }
    return function;
  }
}
