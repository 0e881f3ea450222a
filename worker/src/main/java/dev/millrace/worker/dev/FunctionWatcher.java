package dev.millrace.worker.dev;

import dev.millrace.worker.build.Builds;
import dev.millrace.worker.manifest.BuildSpec;
import dev.millrace.worker.manifest.Manifest;
import dev.millrace.worker.manifest.TestSpec;
import dev.millrace.worker.testing.ManifestTests;
import dev.millrace.worker.testing.TestResult;
import dev.millrace.worker.wasm.DeployException;
import dev.millrace.worker.wasm.EngineOptions;
import dev.millrace.worker.wasm.WasmFunction;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Keeps the functions of a running worker as their sources are: builds a function again when what
 * its build watches changes, and when its module changes makes that live, if it can be deployed and
 * passes the function's tests. Otherwise the old version stays. Invocations go on throughout.
 *
 * <p>Looks on one platform thread named {@code watch}, which also builds and tests. A module counts
 * once two looks in a row found it the same, and goes live only if nobody has written to it since;
 * while a build runs that may write it, nobody looks.
 */
public final class FunctionWatcher implements AutoCloseable {

  public static final Duration EVERY = Duration.ofMillis(500);

  private final Manifest manifest;
  private final ManifestTests tests;
  private final Duration every;
  private final Consumer<String> progress;
  private final List<WatchedFunction> watched = new ArrayList<>();
  private final Builds builds;
  private final Thread thread;
  private Stamps texts;
  private volatile boolean closed;

  /**
   * @param manifest with its tests and builds
   * @param functions the worker's, by name
   * @param options how engines run the tests
   * @param every the time between two looks; {@link #EVERY} unless a test cannot wait
   * @param progress takes a sentence for each change, and the lines of build commands; called by
   *     several threads
   */
  public FunctionWatcher(
      Manifest manifest,
      Map<String, WasmFunction> functions,
      EngineOptions options,
      Duration every,
      Consumer<String> progress) {
    this.manifest = manifest;
    this.tests = new ManifestTests(manifest, options);
    this.every = every;
    this.progress = progress;
    this.builds = new Builds(progress, Runtime.getRuntime().availableProcessors());
    functions.forEach(
        (name, function) ->
            watched.add(
                new WatchedFunction(function, Optional.ofNullable(manifest.builds().get(name)))));
    this.texts = lookAtTexts();
    this.thread = Thread.ofPlatform().name("watch").daemon().unstarted(this::loop);
  }

  public void start() {
    thread.start();
  }

  private void loop() {
    try {
      while (!closed) {
        look();
        Thread.sleep(every);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void look() throws InterruptedException {
    Stamps now = lookAtTexts();
    if (!now.equals(texts)) {
      texts = now;
      progress.accept(
          manifest.file().getFileName() + " or its tests have changed; restart to take that over");
    }
    build(watched.stream().filter(WatchedFunction::sourcesChanged).toList());
    for (WatchedFunction each : watched) {
      if (each.programChanged()) {
        takeOver(each);
      }
    }
  }

  private void build(List<WatchedFunction> changed) throws InterruptedException {
    Map<BuildSpec, WatchedFunction> bySpec = new LinkedHashMap<>();
    for (WatchedFunction each : changed) {
      each.build().ifPresent(spec -> bySpec.put(spec, each));
    }
    if (bySpec.isEmpty()) {
      return;
    }
    for (BuildSpec build : bySpec.keySet()) {
      progress.accept("function '" + build.function() + "': sources changed, building");
    }
    for (Builds.Result result : builds.run(bySpec.keySet())) {
      WatchedFunction function = bySpec.get(result.build());
      if (function == null) {
        continue;
      }
      if (!result.succeeded()) {
        stays(function, "the build ended with exit code " + result.exitCode());
        result.advice().forEach(progress);
      } else if (function.programBuilt()) {
        takeOver(function);
      }
    }
  }

  /** Makes the program live that is there now if it is another one, or says why not. */
  private void takeOver(WatchedFunction watched) throws InterruptedException {
    WasmFunction function = watched.function();
    WasmFunction.Candidate candidate;
    try {
      candidate = function.prepare(function.spec());
    } catch (DeployException e) {
      if (watched.programUntouched()) {
        stays(watched, String.valueOf(e.getMessage()));
      } else {
        watched.lookAgain();
      }
      return;
    }
    try (candidate) {
      if (candidate.version().equals(function.version())) {
        if (watched.wasTakenBefore()) {
          progress.accept(
              "function '"
                  + function.name()
                  + "' is again what is live: version "
                  + shortVersion(function));
        }
        return;
      }
      List<String> failures = failures(function.name());
      if (!watched.programUntouched()) {
        watched.lookAgain();
      } else if (failures.isEmpty()) {
        candidate.goLive();
        progress.accept(
            "function '" + function.name() + "' is now version " + shortVersion(function));
      } else {
        stays(watched, failures.size() + " of its tests failed");
        failures.forEach(progress);
      }
    }
  }

  private List<String> failures(String function) throws InterruptedException {
    List<TestSpec> its =
        manifest.tests().stream().filter(test -> test.function().equals(function)).toList();
    try {
      return tests.run(its).stream()
          .filter(result -> !result.passed())
          .map(FunctionWatcher::described)
          .toList();
    } catch (DeployException e) {
      return List.of(String.valueOf(e.getMessage()));
    }
  }

  private static String described(TestResult result) {
    return "FAIL " + result.test().name() + ": " + String.join("; ", result.differences());
  }

  private void stays(WatchedFunction watched, String reason) {
    WasmFunction function = watched.function();
    progress.accept(
        "function '"
            + function.name()
            + "': "
            + reason
            + "; version "
            + shortVersion(function)
            + " stays live");
  }

  private static String shortVersion(WasmFunction function) {
    return function.version().substring(0, 8);
  }

  private Stamps lookAtTexts() {
    List<Path> files = new ArrayList<>(manifest.testFiles());
    files.add(manifest.file());
    return Stamps.of(files);
  }

  /** Ends a build that runs. */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }
}
