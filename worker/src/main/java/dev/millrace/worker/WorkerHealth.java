package dev.millrace.worker;

import dev.millrace.triggers.Trigger;
import dev.millrace.triggers.TriggerStatus;
import dev.millrace.worker.admin.Health;
import dev.millrace.worker.dispatch.Dispatcher;
import dev.millrace.worker.store.Store;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** What the worker tells about its health. */
final class WorkerHealth implements Health {

  private final Collection<Trigger> triggers;
  private final Dispatcher dispatcher;
  private final Store store;
  private final BooleanSupplier draining;
  private final Supplier<Optional<String>> failure;

  WorkerHealth(
      Collection<Trigger> triggers,
      Dispatcher dispatcher,
      Store store,
      BooleanSupplier draining,
      Supplier<Optional<String>> failure) {
    this.triggers = triggers;
    this.dispatcher = dispatcher;
    this.store = store;
    this.draining = draining;
    this.failure = failure;
  }

  @Override
  public List<Check> live() {
    return List.of(
        failure
            .get()
            .map(reason -> Check.failed("worker", reason))
            .orElseGet(() -> Check.ok("worker")));
  }

  @Override
  public List<Check> ready() {
    List<Check> checks = new ArrayList<>();
    checks.add(draining.getAsBoolean() ? Check.failed("worker", "draining") : live().getFirst());
    checks.add(
        store
            .stats()
            .trouble()
            .map(trouble -> Check.failed("store", trouble))
            .orElseGet(() -> Check.ok("store")));
    triggers.forEach(trigger -> checks.add(check(trigger)));
    return checks;
  }

  private Check check(Trigger trigger) {
    String name = "trigger " + trigger.name();
    TriggerStatus status = trigger.status();
    if (status.state() == TriggerStatus.State.PAUSED) {
      return new Check(name, true, status.detail()); // A person wants it so, or the worker drains.
    }
    if (status.state() != TriggerStatus.State.RUNNING) {
      String state = status.state().name().toLowerCase(Locale.ROOT);
      return Check.failed(name, status.detail().isEmpty() ? state : state + ": " + status.detail());
    }
    if (dispatcher.queues(trigger.name()).holding()) {
      return Check.failed(name, "holding events: a broker or the dead-letter sink does not answer");
    }
    return Check.ok(name);
  }
}
