package dev.millrace.worker;

import dev.millrace.triggers.Intake;
import dev.millrace.triggers.Trigger;
import dev.millrace.triggers.TriggerStatus;
import dev.millrace.worker.admin.WorkerStatus;
import dev.millrace.worker.admin.WorkerStatus.OfFunction;
import dev.millrace.worker.admin.WorkerStatus.OfInvocation;
import dev.millrace.worker.admin.WorkerStatus.OfStore;
import dev.millrace.worker.admin.WorkerStatus.OfTrigger;
import dev.millrace.worker.dispatch.Dispatcher;
import dev.millrace.worker.manifest.Manifest;
import dev.millrace.worker.manifest.TriggerSpec;
import dev.millrace.worker.store.DeadLetters.Filter;
import dev.millrace.worker.store.DeadLetters.Quarantine;
import dev.millrace.worker.store.Store;
import dev.millrace.worker.store.StoreException;
import dev.millrace.worker.store.StoreStats;
import dev.millrace.worker.wasm.WasmFunction;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;

/**
 * Looks at all parts of a worker at once. Each trigger's account is read in one go; one trigger and
 * the next are not of the same moment.
 */
record WorkerLook(
    Manifest manifest,
    Dispatcher dispatcher,
    Map<String, Trigger> triggers,
    Map<String, Intake> intakes,
    Map<String, WasmFunction> functions,
    Store store,
    BooleanSupplier draining) {

  /** What the store told, or why it did not. */
  private record Counts(
      OptionalLong letters,
      OptionalLong quarantined,
      OptionalLong replays,
      Optional<Map<String, Long>> parked,
      Optional<String> trouble) {}

  /** The worker now. Blocks for the store. */
  WorkerStatus status() {
    Counts counts = counts();
    Map<String, Integer> ready = new HashMap<>();
    List<OfTrigger> lines = new ArrayList<>();
    for (TriggerSpec spec : manifest.triggers().values()) {
      ready.put(spec.function(), dispatcher.queues(spec.name()).ready());
      lines.add(line(spec, counts.parked()));
    }
    return new WorkerStatus(
        manifest.app().name(),
        BuildInfo.current().version(),
        draining.getAsBoolean(),
        Instant.now(),
        lines,
        functions.values().stream().map(function -> line(function, ready)).toList(),
        line(counts));
  }

  private OfTrigger line(TriggerSpec spec, Optional<Map<String, Long>> parked) {
    Trigger trigger = triggers.get(spec.name());
    Intake intake = intakes.get(spec.name());
    if (trigger == null || intake == null) {
      throw new IllegalStateException("no trigger '" + spec.name() + "'");
    }
    TriggerStatus status = trigger.status();
    Dispatcher.Queues queues = dispatcher.queues(spec.name());
    return new OfTrigger(
        spec.name(),
        Triggers.system(spec.source()),
        spec.function(),
        status.state().name().toLowerCase(Locale.ROOT),
        status.detail(),
        status.since(),
        status.lag(),
        intake.room(),
        queues.waiting(),
        parked
            .map(counts -> OptionalLong.of(counts.getOrDefault(spec.name(), 0L)))
            .orElseGet(OptionalLong::empty),
        queues.holding(),
        WorkerStatus.Account.of(dispatcher.conservation(spec.name())));
  }

  private static OfFunction line(WasmFunction function, Map<String, Integer> ready) {
    return new OfFunction(
        function.name(),
        function.version(),
        function.module(),
        function.concurrency(),
        function.stats().leasedSlots(),
        ready.getOrDefault(function.name(), 0),
        function.progress().stream()
            .map(
                each ->
                    new OfInvocation(
                        each.event(), each.attempt(), each.percent(), each.message(), each.since()))
            .toList());
  }

  private OfStore line(Counts counts) {
    StoreStats stats = store.stats();
    return new OfStore(
        stats.queuedWrites(),
        counts.letters(),
        counts.quarantined(),
        counts
            .parked()
            .map(
                byTrigger ->
                    OptionalLong.of(byTrigger.values().stream().mapToLong(Long::longValue).sum()))
            .orElseGet(OptionalLong::empty),
        counts.replays(),
        stats.fileBytes(),
        stats.trouble().or(counts::trouble));
  }

  private Counts counts() {
    try {
      return new Counts(
          OptionalLong.of(store.deadLetters().count(Filter.ALL)),
          OptionalLong.of(store.deadLetters().count(Filter.ALL.with(Quarantine.ONLY))),
          OptionalLong.of(store.replays().running().size()),
          Optional.of(store.parked().countByTrigger()),
          Optional.empty());
    } catch (StoreException e) {
      return new Counts(
          OptionalLong.empty(),
          OptionalLong.empty(),
          OptionalLong.empty(),
          Optional.empty(),
          Optional.of(String.valueOf(e.getMessage())));
    }
  }
}
