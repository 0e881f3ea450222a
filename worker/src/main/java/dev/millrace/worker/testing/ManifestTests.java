package dev.millrace.worker.testing;

import dev.millrace.worker.manifest.Manifest;
import dev.millrace.worker.manifest.TestSpec;
import dev.millrace.worker.wasm.DeployException;
import dev.millrace.worker.wasm.EngineOptions;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/** Runs the tests of a manifest: events, functions, and what must come of them. */
public final class ManifestTests {

  /** Guests recurse on the thread's stack, as deep as on a worker's. */
  private static final long STACK_BYTES = 2L << 20;

  private final Manifest manifest;
  private final EngineOptions options;

  /**
   * @param options how engines run; clock and outside are each test's own
   */
  public ManifestTests(Manifest manifest, EngineOptions options) {
    this.manifest = manifest;
    this.options = options;
  }

  /** Runs all tests of the manifest. */
  public List<TestResult> run() throws DeployException, InterruptedException {
    return run(manifest.tests());
  }

  /**
   * Runs some tests of the manifest, those of several functions at once. Blocks.
   *
   * @return their results, in the order of the tests
   * @throws DeployException if a function that is tested cannot be deployed
   * @throws InterruptedException if the thread is interrupted; tests that run are given up
   */
  public List<TestResult> run(Collection<TestSpec> tests)
      throws DeployException, InterruptedException {
    Map<String, List<TestSpec>> byFunction = new LinkedHashMap<>();
    for (TestSpec test : tests) {
      byFunction.computeIfAbsent(test.function(), name -> new ArrayList<>()).add(test);
    }
    int threads = Math.min(byFunction.size(), Runtime.getRuntime().availableProcessors());
    AtomicInteger number = new AtomicInteger();
    ExecutorService executor =
        Executors.newFixedThreadPool(
            Math.max(1, threads),
            task -> new Thread(null, task, "test-" + number.incrementAndGet(), STACK_BYTES));
    try {
      List<Future<List<TestResult>>> running = new ArrayList<>();
      byFunction.forEach(
          (function, its) ->
              running.add(
                  executor.submit(
                      () ->
                          FunctionTests.run(
                              Objects.requireNonNull(manifest.functions().get(function)),
                              manifest.keyValues().keySet(),
                              options,
                              its))));
      Map<TestSpec, TestResult> results = new HashMap<>();
      for (Future<List<TestResult>> each : running) {
        each.get().forEach(result -> results.put(result.test(), result));
      }
      return tests.stream().map(results::get).toList();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof DeployException deploy) {
        throw deploy;
      }
      throw new IllegalStateException("a test ended in a way that it should not", e.getCause());
    } finally {
      executor.shutdownNow();
    }
  }
}
