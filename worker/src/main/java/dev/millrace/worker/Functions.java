package dev.millrace.worker;

import dev.millrace.worker.wasm.DeployException;
import dev.millrace.worker.wasm.Engine;
import dev.millrace.worker.wasm.WasmFunction;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Deploys the functions of a manifest, several at once, and tells all that is wrong with them in
 * one go.
 */
final class Functions {

  private Functions() {}

  /**
   * Deploys every function. Blocks.
   *
   * @throws StartException with a sentence for each function that cannot be deployed
   */
  static Map<String, WasmFunction> deploy(Engine engine, Collection<FunctionSpec> specs)
      throws StartException {
    Map<String, Future<WasmFunction>> deployments = new LinkedHashMap<>();
    int threads = Math.max(1, Math.min(specs.size(), Runtime.getRuntime().availableProcessors()));
    // The JDK's own numbering is linked at run time, which takes longer than all the naming.
    AtomicInteger started = new AtomicInteger();
    ThreadFactory factory =
        task -> Thread.ofPlatform().name("deploy-" + started.incrementAndGet()).unstarted(task);
    try (ExecutorService executor = Executors.newFixedThreadPool(threads, factory)) {
      for (FunctionSpec spec : specs) {
        Callable<WasmFunction> deployment = () -> engine.deploy(spec);
        deployments.put(spec.name(), executor.submit(deployment));
      }
      return collect(deployments);
    }
  }

  private static Map<String, WasmFunction> collect(Map<String, Future<WasmFunction>> deployments)
      throws StartException {
    Map<String, WasmFunction> functions = new LinkedHashMap<>();
    List<String> problems = new ArrayList<>();
    for (Map.Entry<String, Future<WasmFunction>> deployment : deployments.entrySet()) {
      try {
        functions.put(deployment.getKey(), deployment.getValue().get());
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof DeployException)) {
          throw new IllegalStateException("function '" + deployment.getKey() + "'", e.getCause());
        }
        problems.add(e.getCause().getMessage());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new StartException("interrupted while functions were deployed", e);
      }
    }
    if (!problems.isEmpty()) {
      throw new StartException(String.join("\n", problems));
    }
    return functions;
  }
}
