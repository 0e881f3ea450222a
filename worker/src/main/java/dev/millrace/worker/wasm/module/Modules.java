package dev.millrace.worker.wasm.module;

import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
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
public final class Modules {

  private static final Logger LOG = LoggerFactory.getLogger(Modules.class);

  private final Optional<CompileCache> cache;
  private final LongSupplier ticker;
  private final ConcurrentHashMap<String, Place> places = new ConcurrentHashMap<>();

  /**
   * @param cache where compiled modules are kept from one start to the next
   * @param ticker nanoseconds that never go back, for how long a module has not been used
   */
  public Modules(Optional<CompileCache> cache, LongSupplier ticker) {
    this.cache = cache;
    this.ticker = ticker;
  }

  /** The same bytes run in two ways are two modules. */
  private static String key(String digest, Execution execution) {
    return digest + ' ' + execution;
  }

  /** Where a module is, if it is in use. Its monitor is held while it is loaded. */
  private static final class Place {
    private volatile WeakReference<@Nullable LoadedModule> module = new WeakReference<>(null);

    /** The module; waits while it is loaded. */
    synchronized @Nullable LoadedModule module() {
      return module.get();
    }

    /** The module if it is there now. Never waits. */
    @Nullable LoadedModule present() {
      return module.get();
    }
  }

  /** A module that was read, and can be looked at before its code is made. For one thread. */
  public final class Opened {
    private final String key;
    private final WasmModule module;
    private final InstructionScan scan;
    private final Supplier<LoadedModule> loading;

    private Opened(
        String key, WasmModule module, InstructionScan scan, Supplier<LoadedModule> loading) {
      this.key = key;
      this.module = module;
      this.scan = scan;
      this.loading = loading;
    }

    /** What it looks like; perhaps without the bodies of its functions. */
    public WasmModule module() {
      return module;
    }

    /** What its instructions say. */
    public InstructionScan scan() {
      return scan;
    }

    /**
     * The module, ready to be instantiated. Compiles it, or loads its classes, unless that has been
     * done.
     *
     * @throws RuntimeException if it cannot be compiled
     * @throws LinkageError if what it was compiled to is not accepted
     */
    public LoadedModule load() {
      Place place = place(key);
      synchronized (place) {
        LoadedModule present = place.module.get();
        if (present == null) {
          present = loading.get();
          place.module = new WeakReference<>(present);
        }
        return present;
      }
    }
  }

  /**
   * Opens a module.
   *
   * @param path what messages call it
   * @param bytes not copied
   */
  public Opened open(String path, byte[] bytes, Execution execution)
      throws ModuleFile.UnreadableException {
    ModuleFile.checkHeader(path, bytes);
    String digest = Sha256.hex(bytes);
    String key = key(digest, execution);
    LoadedModule present = place(key).module();
    if (present != null) {
      return new Opened(key, present.module(), present.scan(), () -> present);
    }
    Optional<ClassFiles> kept = execution == Execution.COMPILER ? kept(digest) : Optional.empty();
    if (kept.isPresent()) {
      ClassFiles files = kept.get();
      WasmModule skeleton = Skeleton.parse(bytes);
      return new Opened(key, skeleton, files.scan(), () -> loaded(digest, bytes, skeleton, files));
    }
    WasmModule parsed = ModuleFile.of(path, bytes).module();
    InstructionScan scan = InstructionScan.of(parsed);
    return new Opened(
        key,
        parsed,
        scan,
        () ->
            execution == Execution.INTERPRETER
                ? LoadedModule.interpreted(digest, parsed, scan)
                : compiled(digest, parsed, scan));
  }

  /** What the cache has of a module. */
  private Optional<ClassFiles> kept(String digest) {
    Optional<byte[]> encoded = cache.flatMap(place -> place.get(digest));
    if (encoded.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(ClassFiles.decode(encoded.get()));
    } catch (IOException | RuntimeException e) {
      forget(digest, e);
      return Optional.empty();
    }
  }

  private LoadedModule loaded(String digest, byte[] bytes, WasmModule skeleton, ClassFiles files) {
    try {
      return LoadedModule.compiled(digest, skeleton, files, ticker.getAsLong());
    } catch (RuntimeException | LinkageError e) {
      forget(digest, e);
      WasmModule parsed = Parser.parse(bytes);
      return compiled(digest, parsed, InstructionScan.of(parsed));
    }
  }

  private void forget(String digest, Throwable reason) {
    LOG.atWarn()
        .addKeyValue("reason", reason.toString())
        .log("cached module cannot be loaded; compiling it again");
    cache.ifPresent(place -> place.remove(digest));
  }

  private LoadedModule compiled(String digest, WasmModule parsed, InstructionScan scan) {
    ClassFiles files = ClassFiles.compile(parsed, scan);
    // Refuses what the JVM does not accept, before it is kept.
    LoadedModule loaded =
        LoadedModule.compiled(digest, Skeleton.of(parsed), files, ticker.getAsLong());
    cache.ifPresent(kept -> kept.put(digest, files.encode()));
    return loaded;
  }

  /** Lets the code of modules go that nobody has used for {@code nanos}. Never waits. */
  public void letCodeGo(long nanos) {
    long now = ticker.getAsLong();
    for (Place place : places.values()) {
      LoadedModule module = place.present();
      if (module != null && module.letCodeGo(now, nanos)) {
        LOG.atDebug()
            .addKeyValue("module", module.digest())
            .log("nobody uses this module: its code is let go until somebody does");
      }
    }
  }

  /** The place of a module; takes the chance to forget those that nobody uses any more. */
  private Place place(String key) {
    places
        .entrySet()
        .removeIf(entry -> !entry.getKey().equals(key) && entry.getValue().module.refersTo(null));
    return places.computeIfAbsent(key, each -> new Place());
  }
}
