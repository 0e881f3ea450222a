package dev.millrace.worker.cli;

import dev.millrace.worker.manifest.Manifest;
import dev.millrace.worker.wasm.Engine;
import dev.millrace.worker.wasm.EngineOptions;
import java.io.UncheckedIOException;

/** The engine of a command that runs a few invocations and ends. */
final class CommandEngine {

  private CommandEngine() {}

  /**
   * An engine that shares the worker's compile cache, or compiles each time where nothing can be
   * written.
   */
  static Engine open(Manifest manifest) {
    EngineOptions options = EngineOptions.defaults();
    try {
      return Engine.open(
          options.withCacheDirectory(manifest.store().path().resolveSibling("cache")));
    } catch (UncheckedIOException e) {
      return Engine.open(options);
    }
  }
}
