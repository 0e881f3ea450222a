package dev.millrace.worker.wasm;

import dev.millrace.worker.cores.Seats;
import dev.millrace.worker.dispatch.Outcome;
import dev.millrace.worker.wasm.abi.Abi;
import dev.millrace.worker.wasm.abi.Abis;
import dev.millrace.worker.wasm.deadline.Watchdog;
import dev.millrace.worker.wasm.files.GuestFiles;
import dev.millrace.worker.wasm.host.FunctionSettings;
import dev.millrace.worker.wasm.inspection.Code;
import dev.millrace.worker.wasm.inspection.Inspection;
import dev.millrace.worker.wasm.inspection.ModuleInspector;
import dev.millrace.worker.wasm.inspection.ModuleReport;
import dev.millrace.worker.wasm.inspection.ModuleReporter;
import dev.millrace.worker.wasm.module.CompileCache;
import dev.millrace.worker.wasm.module.Execution;
import dev.millrace.worker.wasm.module.LoadedModule;
import dev.millrace.worker.wasm.module.ModuleFile;
import dev.millrace.worker.wasm.module.Modules;
import dev.millrace.worker.wasm.recording.HostClock;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs WebAssembly functions.
 *
 * <p>Safe for any number of threads. Guest code runs on the threads that call in; the engine's own
 * threads only keep deadlines and look after waiting guests. Closing it ends these threads, so it
 * is closed when no invocation runs any more.
 */
public final class Engine implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Engine.class);
  private static final Duration HOUSEKEEPING_EVERY = Duration.ofSeconds(10);

  private final EngineOptions options;
  private final HostClock clock;
  private final Modules modules;
  private final Watchdog watchdog;
  private final Seats seats;
  private final SandboxRoom room;
  private final Set<WasmFunction> functions = ConcurrentHashMap.newKeySet();

  private Engine(EngineOptions options, Seats seats) {
    this.options = options;
    this.seats = seats;
    this.clock = new HostClock(options.wallClock(), options.ticker(), options.random());
    this.modules = new Modules(options.cacheDirectory().map(CompileCache::in), options.ticker());
    this.room = new SandboxRoom(SandboxRoom.usualBytes(), this::letIdleGo);
    this.watchdog = new Watchdog(this::keepHouse, HOUSEKEEPING_EVERY);
  }

  /**
   * An engine, ready for functions.
   *
   * @throws java.io.UncheckedIOException if the cache directory cannot be used
   */
  public static Engine open(EngineOptions options) {
    return open(options, Seats.ofThisMachine());
  }

  /** The same with other seats than this machine's, which it closes. */
  static Engine open(EngineOptions options, Seats seats) {
    Engine engine = new Engine(options, seats);
    engine.watchdog.start();
    return engine;
  }

  /** Looks at a function's module without compiling or running it. Never throws. */
  public Inspection inspect(FunctionSpec spec) {
    return new ModuleInspector(modules).inspect(spec);
  }

  /**
   * Tells all of a function's module that can be told without running it, whether it compiles
   * included. Never throws. Blocks as {@link #deploy} does.
   */
  public ModuleReport report(FunctionSpec spec) {
    return new ModuleReporter(ModuleInspector::inspect, modules).report(spec);
  }

  /**
   * Reads, checks, compiles and warms a function. Blocks, from milliseconds to many seconds for a
   * large module that is not cached.
   *
   * @throws DeployException if anything is wrong with the module or the guest fails to initialize
   */
  public WasmFunction deploy(FunctionSpec spec) throws DeployException {
    Counters counters = new Counters();
    WasmFunction function =
        new WasmFunction(new Deployments(), counters, version(spec, counters), seats.row());
    functions.add(function);
    return function;
  }

  /** Ends the engine's thread and unloads all functions. */
  @Override
  public void close() {
    List.copyOf(functions).forEach(WasmFunction::close);
    watchdog.close();
    seats.close();
  }

  /** Lets go what nobody uses; the watchdog calls it now and then. */
  void keepHouse() {
    letIdleGo(options.idleAfter());
    modules.letCodeGo(options.unloadAfter().toNanos());
  }

  /** What the sandboxes of all functions hold. */
  SandboxRoom room() {
    return room;
  }

  private void letIdleGo(Duration idleAfter) {
    functions.forEach(function -> function.keepHouse(idleAfter));
  }

  private FunctionVersion version(FunctionSpec spec, Counters counters) throws DeployException {
    long began = System.nanoTime();
    CompiledFunction compiled = compile(spec);
    FunctionVersion version = new FunctionVersion(compiled, counters, watchdog);
    warmUp(version);
    LOG.atInfo()
        .addKeyValue("function", spec.name())
        .addKeyValue("abi", compiled.abi().kind())
        .addKeyValue("version", compiled.version())
        .addKeyValue("millis", Duration.ofNanos(System.nanoTime() - began).toMillis())
        .log("function deployed");
    return version;
  }

  private CompiledFunction compile(FunctionSpec spec) throws DeployException {
    Code code;
    Modules.Opened opened;
    GuestFiles files;
    try {
      code = Code.read(spec.program());
      opened = modules.open(code.name(), code.module(), spec.execution());
      files = GuestFiles.read(spec.grants().files());
    } catch (ModuleFile.UnreadableException e) {
      throw new DeployException(spec.name(), e.getMessage(), e);
    }
    Inspection inspection = ModuleInspector.inspect(spec, opened);
    if (!inspection.ok()) {
      throw new DeployException(spec.name(), inspection.problems());
    }
    if (spec.execution() == Execution.INTERPRETER) {
      LOG.atWarn()
          .addKeyValue("function", spec.name())
          .log("function is interpreted, 70 to 110 times slower than compiled");
    }
    Abi abi = Abis.of(inspection.abi().orElseThrow());
    LoadedModule loaded;
    try {
      loaded = opened.load();
    } catch (RuntimeException | LinkageError | StackOverflowError | OutOfMemoryError e) {
      throw new DeployException(
          spec.name(),
          spec.program()
              + " cannot be compiled ("
              + e
              + "); a function of it is too large, or it uses a feature that is not supported. It may"
              + " run with 'engine: interpreter', 70 to 110 times slower",
          e);
    }
    String digest = code.digest(loaded.digest());
    return new CompiledFunction(
        spec,
        abi,
        new FunctionSettings(
            spec,
            abi.variables(spec),
            abi.repliesByStdout(),
            inspection.export().orElseThrow(),
            code.script().orElse(null),
            files),
        loaded,
        digest,
        VersionDigest.of(digest, spec, abi.kind(), files),
        Waits.of(inspection.imports(), spec.grants(), options.outside()),
        clock,
        options.outside(),
        room);
  }

  private void warmUp(FunctionVersion version) throws DeployException {
    Slot slot = version.lease();
    if (slot == null) {
      throw new IllegalStateException("a version that nobody knows yet cannot be retired");
    }
    Outcome.Failed failure = slot.warmUp();
    version.giveBack(slot);
    if (room.scarce()) {
      version.letIdleGo(0);
    }
    if (failure != null) {
      version.retire();
      throw new DeployException(failure.error(), failure.kind());
    }
  }

  /** Lets functions deploy their next versions. */
  private final class Deployments implements WasmFunction.Deployer {
    @Override
    public FunctionVersion deploy(FunctionSpec spec, Counters counters) throws DeployException {
      return version(spec, counters);
    }

    @Override
    public void closed(WasmFunction function) {
      functions.remove(function);
    }
  }
}
