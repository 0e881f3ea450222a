package dev.millrace.worker.wasm;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.InterpreterMachine;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.WasmModule;
import dev.millrace.worker.wasm.FunctionSpec.Execution;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The modules of an engine: each is parsed, compiled and loaded once, however many functions run
 * it, and kept as long as one of them does. What was compiled is looked for on disk first.
 *
 * <p>Safe for any number of threads. Who wants a module that another thread is about to compile
 * waits for it.
 */
final class Modules {

  private static final Logger LOG = LoggerFactory.getLogger(Modules.class);

  private final Optional<CompileCache> cache;
  private final ConcurrentHashMap<Key, Place> places = new ConcurrentHashMap<>();

  /**
   * @param cache where compiled modules are kept from one start to the next
   */
  Modules(Optional<CompileCache> cache) {
    this.cache = cache;
  }

  /** The same bytes run in two ways are two modules. */
  private record Key(String digest, Execution execution) {}

  /** Where a module is, if it is in use. Its monitor is held while it is loaded. */
  private static final class Place {
    private WeakReference<@Nullable LoadedModule> module = new WeakReference<>(null);
  }

  /** A module that was read, and can be looked at before it is compiled. For one thread. */
  final class Opened {
    private final Key key;
    private final @Nullable WasmModule parsed;
    private final InstructionScan scan;
    private @Nullable LoadedModule loaded;

    private Opened(Key key, WasmModule parsed) {
      this.key = key;
      this.parsed = parsed;
      this.scan = InstructionScan.of(parsed);
    }

    private Opened(Key key, LoadedModule loaded) {
      this.key = key;
      this.parsed = null;
      this.scan = loaded.scan();
      this.loaded = loaded;
    }

    /** What it looks like; perhaps without the bodies of its functions. */
    WasmModule module() {
      return parsed == null ? load().module() : parsed;
    }

    /** What its instructions say. */
    InstructionScan scan() {
      return scan;
    }

    /**
     * The module, ready to be instantiated. Compiles it unless that has been done.
     *
     * @throws RuntimeException if it cannot be compiled
     * @throws LinkageError if what it was compiled to is not accepted
     */
    LoadedModule load() {
      if (loaded == null && parsed != null) {
        loaded = compiled(key, parsed, scan);
      }
      if (loaded == null) {
        throw new IllegalStateException("neither parsed nor loaded");
      }
      return loaded;
    }
  }

  /**
   * Opens a module.
   *
   * @param path what messages call it
   * @param bytes not copied
   */
  Opened open(String path, byte[] bytes, Execution execution)
      throws ModuleFile.UnreadableException {
    ModuleFile.checkHeader(path, bytes);
    Key key = new Key(VersionDigest.of(bytes), execution);
    Place place = place(key);
    synchronized (place) {
      LoadedModule present = place.module.get();
      if (present == null && execution == Execution.COMPILER) {
        present = cached(key.digest(), bytes);
        place.module = new WeakReference<>(present);
      }
      if (present != null) {
        return new Opened(key, present);
      }
    }
    return new Opened(key, ModuleFile.of(path, bytes).module());
  }

  private LoadedModule compiled(Key key, WasmModule parsed, InstructionScan scan) {
    Place place = place(key);
    synchronized (place) {
      LoadedModule present = place.module.get();
      if (present == null) {
        present =
            key.execution() == Execution.INTERPRETER
                ? new LoadedModule(key.digest(), parsed, scan, InterpreterMachine::new)
                : compiled(key.digest(), parsed, scan);
        place.module = new WeakReference<>(present);
      }
      return present;
    }
  }

  private LoadedModule compiled(String digest, WasmModule parsed, InstructionScan scan) {
    ClassFiles files = ClassFiles.compile(parsed, scan);
    // Refuses what the JVM does not accept, before it is kept.
    Function<Instance, Machine> machine = CodeLoader.machines(files);
    cache.ifPresent(kept -> kept.put(digest, files.encode()));
    return new LoadedModule(digest, Skeleton.of(parsed), scan, machine);
  }

  private @Nullable LoadedModule cached(String digest, byte[] bytes) {
    byte[] encoded = cache.flatMap(kept -> kept.get(digest)).orElse(null);
    if (encoded == null) {
      return null;
    }
    try {
      ClassFiles files = ClassFiles.decode(encoded);
      return new LoadedModule(
          digest, Skeleton.parse(bytes), files.scan(), CodeLoader.machines(files));
    } catch (IOException | RuntimeException | LinkageError e) {
      LOG.atWarn()
          .addKeyValue("reason", e.toString())
          .log("cached module cannot be loaded; compiling it again");
      cache.ifPresent(kept -> kept.remove(digest));
      return null;
    }
  }

  /** The place of a module; takes the chance to forget those that nobody uses any more. */
  private Place place(Key key) {
    places
        .entrySet()
        .removeIf(entry -> !entry.getKey().equals(key) && entry.getValue().module.refersTo(null));
    return places.computeIfAbsent(key, each -> new Place());
  }
}
