package dev.millrace.worker.cli;

import dev.millrace.worker.manifest.Manifest;
import dev.millrace.worker.wasm.Engine;
import dev.millrace.worker.wasm.EngineOptions;
import dev.millrace.worker.wasm.host.HttpGateway;
import dev.millrace.worker.wasm.host.KeyValues;
import dev.millrace.worker.wasm.host.Outside;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;

/** The engine of a command that runs a few invocations and ends. */
final class CommandEngine {

  private CommandEngine() {}

  /**
   * An engine that shares the worker's compile cache, but no store, or compiles each time where
   * nothing can be written.
   */
  static Engine open(Manifest manifest) {
    return open(manifest, HttpGateway.NONE);
  }

  /**
   * The same, whose guests send HTTP requests.
   *
   * @param http sends them
   */
  static Engine open(Manifest manifest, HttpGateway http) {
    return Engine.open(options(manifest, http));
  }

  /** How such an engine runs. */
  static EngineOptions options(Manifest manifest) {
    return options(manifest, HttpGateway.NONE);
  }

  private static EngineOptions options(Manifest manifest, HttpGateway http) {
    EngineOptions options =
        EngineOptions.defaults()
            .withOutside(Outside.inMemory().withKeyValues(stores(manifest)).withHttp(http));
    EngineOptions cached =
        options.withCacheDirectory(EngineOptions.cacheBeside(manifest.store().path()));
    try {
      Engine.open(cached).close();
      return cached;
    } catch (UncheckedIOException e) {
      return options;
    }
  }

  /** The manifest's key-value stores, each empty and in memory. */
  private static Map<String, KeyValues> stores(Manifest manifest) {
    Map<String, KeyValues> stores = new HashMap<>();
    manifest
        .keyValues()
        .keySet()
        .forEach(name -> stores.put(name, KeyValues.inMemory(InstantSource.system())));
    return stores;
  }
}
