package dev.millrace.worker.dev;

import dev.millrace.worker.wasm.DeployException;
import dev.millrace.worker.wasm.WasmFunction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Deploys a function again when its module or its script changes, or what the script imports. Looks
 * twice a second, on one platform thread named {@code watch}: a file counts once two looks in a row
 * found it the same, whichever way an editor or a compiler writes it. A module that cannot be
 * deployed leaves the old version live.
 */
public final class ModuleWatcher implements AutoCloseable {

  private static final Duration EVERY = Duration.ofMillis(500);

  private record Stamp(FileTime modified, long size, @Nullable Object file) {}

  private final Map<WasmFunction, Map<Path, Stamp>> live = new LinkedHashMap<>();
  private final Map<WasmFunction, Map<Path, Stamp>> seen = new LinkedHashMap<>();
  private final Consumer<String> progress;
  private final Thread thread;
  private volatile boolean closed;

  /**
   * @param progress takes a sentence for each change
   */
  public ModuleWatcher(Collection<WasmFunction> functions, Consumer<String> progress) {
    this.progress = progress;
    for (WasmFunction function : functions) {
      live.put(function, stamps(function));
    }
    thread = Thread.ofPlatform().name("watch").daemon().unstarted(this::loop);
  }

  public void start() {
    thread.start();
  }

  private void loop() {
    try {
      while (!closed) {
        live.keySet().forEach(this::look);
        Thread.sleep(EVERY);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void look(WasmFunction function) {
    Map<Path, Stamp> now = stamps(function);
    Map<Path, Stamp> before = seen.put(function, now);
    if (now.isEmpty() || now.equals(live.get(function)) || !now.equals(before)) {
      return;
    }
    live.replace(function, now);
    try {
      function.swap(function.spec());
      progress.accept(
          "function '"
              + function.name()
              + "' is now version "
              + function.version().substring(0, 8));
    } catch (DeployException e) {
      progress.accept("the old version stays: " + e.getMessage());
    }
  }

  /** Of all files of the function; empty if one is not there, as while it is being replaced. */
  private static Map<Path, Stamp> stamps(WasmFunction function) {
    Map<Path, Stamp> stamps = new LinkedHashMap<>();
    for (Path file : function.spec().program().files()) {
      Stamp stamp = stamp(file);
      if (stamp == null) {
        return Map.of();
      }
      stamps.put(file, stamp);
    }
    return stamps;
  }

  private static @Nullable Stamp stamp(Path module) {
    try {
      BasicFileAttributes attributes = Files.readAttributes(module, BasicFileAttributes.class);
      return new Stamp(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey());
    } catch (IOException e) {
      return null;
    }
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }
}
