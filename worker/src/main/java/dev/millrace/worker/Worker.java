package dev.millrace.worker;

import dev.millrace.triggers.Intake;
import dev.millrace.triggers.Publisher;
import dev.millrace.triggers.Trigger;
import dev.millrace.triggers.TriggerContext;
import dev.millrace.triggers.TriggerSignals;
import dev.millrace.triggers.cron.CronScheduler;
import dev.millrace.worker.admin.AdminServer;
import dev.millrace.worker.admin.FunctionGauges;
import dev.millrace.worker.admin.ListenAddress;
import dev.millrace.worker.admin.Metrics;
import dev.millrace.worker.admin.StoreGauges;
import dev.millrace.worker.admin.TriggerGauges;
import dev.millrace.worker.dispatch.Conservation;
import dev.millrace.worker.dispatch.Dispatcher;
import dev.millrace.worker.dispatch.Keeping;
import dev.millrace.worker.dispatch.KeyQueue;
import dev.millrace.worker.dispatch.OnceKeys;
import dev.millrace.worker.dispatch.TriggerPolicy;
import dev.millrace.worker.http.OkHttpGateway;
import dev.millrace.worker.keeping.AttemptRecorder;
import dev.millrace.worker.keeping.Forgetting;
import dev.millrace.worker.keeping.KeyDrain;
import dev.millrace.worker.keeping.KnownKeys;
import dev.millrace.worker.keeping.ParkedPump;
import dev.millrace.worker.keeping.StoreDeduplication;
import dev.millrace.worker.keeping.StoreKeys;
import dev.millrace.worker.keeping.StoreOnceKeys;
import dev.millrace.worker.keeping.StoreParking;
import dev.millrace.worker.manifest.Manifest;
import dev.millrace.worker.manifest.TriggerSpec;
import dev.millrace.worker.manifest.TriggerSpec.DeadLetterTo;
import dev.millrace.worker.replay.ReplayPump;
import dev.millrace.worker.replay.ReplaySurroundings;
import dev.millrace.worker.replay.ReturnToSource;
import dev.millrace.worker.store.Store;
import dev.millrace.worker.store.StoreException;
import dev.millrace.worker.store.StoreStats;
import dev.millrace.worker.values.KeyValueStores;
import dev.millrace.worker.wasm.Engine;
import dev.millrace.worker.wasm.EngineOptions;
import dev.millrace.worker.wasm.FunctionStats;
import dev.millrace.worker.wasm.WasmFunction;
import dev.millrace.worker.wasm.host.Outside;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One worker: everything of a manifest, wired, started and stopped in order.
 *
 * <p>Start: store, functions, dispatcher, admin server, triggers. Stop: triggers take nothing more,
 * what runs may end, the rest is released, triggers acknowledge and disconnect, then the outlets,
 * the engine and the store close.
 */
public final class Worker implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
  private static final Duration RELEASE_LIMIT = Duration.ofSeconds(5);

  private final Manifest manifest;
  private final WorkerOptions options;
  private final Closing closing = new Closing();
  private final CompletableFuture<String> failure = new CompletableFuture<>();
  private final Map<String, Trigger> triggers = new LinkedHashMap<>();
  private final Map<String, Intake> intakes = new LinkedHashMap<>();
  private final Dispatcher dispatcher;
  private final KeyDrain keyDrain;
  private final Map<String, WasmFunction> functions;
  private final Store store;
  private final Outlets outlets;
  private final Optional<AdminServer> admin;
  private volatile boolean draining;

  /**
   * Starts a worker; returns when its triggers are running or trying to connect. Blocks while
   * functions are compiled.
   *
   * @throws StartException if the store, a function or the admin address cannot be had; nothing is
   *     left running then
   */
  public static Worker start(Manifest manifest, WorkerOptions options) throws StartException {
    return new Worker(manifest, options);
  }

  private Worker(Manifest manifest, WorkerOptions options) throws StartException {
    this.manifest = manifest;
    this.options = options;
    try {
      Clock clock = Clock.systemUTC();
      store = closing.add("store", Stores.open(manifest.store()));
      store.parked().recount();
      OnceKeys onceKeys = new StoreOnceKeys(store.claimedKeys(), clock);
      KeyValueStores stores =
          closing.add(
              "key-value stores",
              new KeyValueStores(manifest, store.values(), clock, failure::complete));
      OkHttpGateway http = closing.add("http gateway", OkHttpGateway.open());
      Outside outside = new Outside(onceKeys, stores.byName(), http);
      Engine engine = closing.add("engine", Engine.open(engineOptions().withOutside(outside)));
      functions = Functions.deploy(engine, manifest.functions().values());
      Metrics metrics =
          closing.add("metrics", new Metrics(manifest.app().name(), BuildInfo.current().version()));
      outlets =
          closing.add(
              "outlets", new Outlets(manifest.connections(), metrics::counting, failure::complete));
      WorkerSurroundings around =
          closing.add(
              "threads",
              WorkerSurroundings.open(
                  manifest.store().path().resolveSibling("running.bin"),
                  clock,
                  onceKeys,
                  List.of(
                      metrics, new AttemptRecorder(store.attempts(), clock), options.listener())));
      dispatcher = new Dispatcher(around.surroundings(), manifest.functionPolicies());
      keyDrain = new KeyDrain(store.keyQueues(), dispatcher);
      CronScheduler scheduler = closing.add("cron scheduler", CronScheduler.start());
      for (TriggerSpec spec : manifest.triggers().values()) {
        Trigger trigger = wire(spec, new Triggers(manifest, store, scheduler), metrics);
        triggers.put(spec.name(), trigger);
      }
      watch(metrics);
      admin = startAdmin(metrics);
      ParkedPump pump = new ParkedPump(store, dispatcher, clock);
      ReplayPump replays =
          new ReplayPump(
              new ReplaySurroundings(
                  store,
                  Set.copyOf(dispatcher.triggers()),
                  new ReturnToSource(manifest.triggers()),
                  outlets,
                  clock,
                  pump::wake));
      Forgetting forgetting = new Forgetting(store, clock);
      closing.add("triggers", this::closeTriggers);
      closing.add("parked retries", pump);
      closing.add("replays", replays);
      closing.add("parked keys", keyDrain);
      closing.add("forgetting", forgetting);
      triggers.values().forEach(Trigger::start);
      pump.start();
      replays.start();
      keyDrain.start();
      forgetting.start();
    } catch (StoreException | IOException e) {
      closing.close();
      throw new StartException(String.valueOf(e.getMessage()), e);
    } catch (StartException | RuntimeException e) {
      closing.close();
      throw e;
    }
  }

  private EngineOptions engineOptions() {
    Path beside = EngineOptions.cacheBeside(manifest.store().path());
    return EngineOptions.defaults().withCacheDirectory(options.cacheDirectory().orElse(beside));
  }

  private Trigger wire(TriggerSpec spec, Triggers kinds, Metrics metrics) {
    Intake intake =
        dispatcher.intake(
            new TriggerPolicy(
                spec.name(),
                function(spec.function()),
                spec.bounds(),
                spec.retry(),
                spec.publish().map(Object::toString),
                outlets,
                keeping(spec)));
    intakes.put(spec.name(), intake);
    TriggerSignals signals =
        metrics.counting(
            spec.name(),
            new WorkerSignals(
                spec.name(),
                (reason, count) -> dispatcher.dropped(spec.name(), count, reason),
                (reason, cause) -> failure.complete(reason)));
    Trigger trigger =
        kinds
            .factory(spec)
            .create(new TriggerContext(spec.name(), intake, signals, Clock.systemUTC()));
    metrics.watchTrigger(
        new TriggerGauges(
            spec.name(),
            spec.function(),
            Triggers.system(spec.source()),
            () -> dispatcher.conservation(spec.name()),
            () -> dispatcher.queues(spec.name()),
            () -> keyDrain.parkedKeys(spec.name()),
            () -> store.parked().count(spec.name()),
            trigger::status));
    return trigger;
  }

  private Keeping keeping(TriggerSpec spec) {
    TriggerSpec.Keep keep = spec.keep();
    InstantSource clock = InstantSource.system();
    return new Keeping(
        switch (spec.deadLetter()) {
          case DeadLetterTo.Store to -> Optional.of(store.deadLetters().sink(to.quarantineAfter()));
          case DeadLetterTo.Sink to -> Optional.of(outlets.deadLetters(to.destination()));
          case DeadLetterTo.Drop drop -> Optional.empty();
        },
        mayPark(spec)
            ? Optional.of(new StoreParking(store.parked(), StoreParking.BEYOND, keep.maxParked()))
            : Optional.empty(),
        keep.parksKeys() ? Optional.of(keys(spec.name(), clock)) : Optional.empty(),
        keep.dedupe()
            .map(window -> new StoreDeduplication(spec.name(), window, store.seenEvents(), clock)));
  }

  private KeyQueue keys(String trigger, InstantSource clock) {
    return manifest.store().database().isPresent()
        ? new StoreKeys(store.keyQueues(), clock)
        : new KnownKeys(trigger, store.keyQueues(), clock);
  }

  private boolean mayPark(TriggerSpec spec) {
    return switch (spec.keep().park()) {
      case AUTO ->
          Triggers.mayPark(spec.source())
              ? manifest.store().durable()
              : manifest.store().safeAsABroker();
      case ALWAYS -> true;
      case NEVER -> false;
    };
  }

  private WasmFunction function(String name) {
    WasmFunction function = functions.get(name);
    if (function == null) {
      throw new IllegalStateException("no function '" + name + "'");
    }
    return function;
  }

  private void watch(Metrics metrics) {
    functions.forEach(
        (name, function) ->
            metrics.watchFunction(
                name,
                () -> {
                  FunctionStats stats = function.stats();
                  return new FunctionGauges(
                      stats.idleSlots() + stats.leasedSlots(),
                      stats.memoryHighWaterBytes(),
                      stats.resets(),
                      stats.resetNanos());
                }));
    metrics.watchStore(
        () -> {
          StoreStats stats = store.stats();
          return new StoreGauges(
              stats.queuedWrites(),
              stats.commits(),
              stats.writes(),
              stats.failedWrites(),
              stats.fileBytes());
        });
  }

  private Optional<AdminServer> startAdmin(Metrics metrics) throws IOException {
    if (!manifest.admin().enabled()) {
      return Optional.empty();
    }
    WorkerHealth health =
        new WorkerHealth(
            triggers.values(),
            dispatcher,
            store,
            () -> draining,
            () -> Optional.ofNullable(failure.getNow(null)));
    ListenAddress address = new ListenAddress(manifest.admin().host(), manifest.admin().port());
    WorkerLook look =
        new WorkerLook(manifest, dispatcher, triggers, intakes, functions, store, () -> draining);
    return Optional.of(
        closing.add("admin server", AdminServer.start(address, health, metrics, look::status)));
  }

  public Manifest manifest() {
    return manifest;
  }

  /** The triggers by name, in the manifest's order. */
  public Map<String, Trigger> triggers() {
    return Map.copyOf(triggers);
  }

  /** The deployed functions by name. */
  public Map<String, WasmFunction> functions() {
    return functions;
  }

  /** Sends messages over any connection of the manifest. */
  public Publisher publisher() {
    return outlets;
  }

  /** One trigger's account at this moment. */
  public Conservation conservation(String trigger) {
    return dispatcher.conservation(trigger);
  }

  /** Where the admin server listens, if there is one. */
  public Optional<ListenAddress> admin() {
    return admin.map(AdminServer::address);
  }

  /**
   * For the threads of the process: one that dies of a bug leaves the worker in a state that nobody
   * can answer for, so that it fails, and says so, instead of going on without it.
   */
  public Thread.UncaughtExceptionHandler threadDeaths() {
    return (thread, bug) -> {
      LOG.atError()
          .setCause(bug)
          .addKeyValue("thread", thread.getName())
          .log("a thread died; this is a bug of Millrace, and the worker ends");
      failure.complete("thread '" + thread.getName() + "' died: " + bug);
    };
  }

  /**
   * Completes with a sentence when a trigger cannot go on, or a thread has died; the worker should
   * then be closed.
   */
  public CompletableFuture<String> failure() {
    return failure.copy();
  }

  /**
   * Drains and stops: takes nothing more, lets running events end, acknowledges, closes. Blocks;
   * idempotent.
   */
  @Override
  public void close() {
    if (draining) {
      return;
    }
    draining = true;
    LOG.atInfo().addKeyValue("limit", options.drainLimit()).log("draining");
    triggers.values().forEach(Trigger::pause);
    dispatcher.drain();
    if (!awaitIdle(options.drainLimit())) {
      dispatcher.release();
      awaitIdle(RELEASE_LIMIT);
    }
    closing.close();
    LOG.atInfo().addKeyValue("clean", dispatcher.idle()).log("stopped");
  }

  private boolean awaitIdle(Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!dispatcher.idle()) {
      if (System.nanoTime() - deadline > 0) {
        return false;
      }
      try {
        Thread.sleep(10);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
    return true;
  }

  private void closeTriggers() {
    triggers.values().forEach(Trigger::close);
  }
}
