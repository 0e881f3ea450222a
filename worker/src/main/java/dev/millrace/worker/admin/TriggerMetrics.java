package dev.millrace.worker.admin;

import dev.millrace.triggers.TriggerStatus;
import dev.millrace.worker.dispatch.Conservation;
import dev.millrace.worker.dispatch.Dispatcher;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.api.metrics.ObservableLongMeasurement;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Asks every trigger for its ledger, its queues and its state, once a scrape. A ledger is read in
 * one go, so that it balances in every scrape.
 */
final class TriggerMetrics {

  private final Map<String, TriggerGauges> triggers = new ConcurrentHashMap<>();
  private final ObservableLongMeasurement consumed;
  private final ObservableLongMeasurement received;
  private final ObservableLongMeasurement succeeded;
  private final ObservableLongMeasurement deadLettered;
  private final ObservableLongMeasurement dropped;
  private final ObservableLongMeasurement released;
  private final ObservableLongMeasurement pending;
  private final ObservableLongMeasurement waiting;
  private final ObservableLongMeasurement holding;
  private final ObservableLongMeasurement parkedKeys;
  private final ObservableLongMeasurement parkedRetries;
  private final ObservableLongMeasurement breakerOpen;
  private final ObservableLongMeasurement queueDepth;
  private final ObservableLongMeasurement lag;
  private final ObservableLongMeasurement state;

  TriggerMetrics(Meter meter) {
    consumed = Instrument.CONSUMED.observed(meter);
    received = Instrument.RECEIVED.observed(meter);
    succeeded = Instrument.SUCCEEDED.observed(meter);
    deadLettered = Instrument.DEAD_LETTERED.observed(meter);
    dropped = Instrument.DROPPED.observed(meter);
    released = Instrument.RELEASED.observed(meter);
    pending = Instrument.PENDING.observed(meter);
    waiting = Instrument.RETRIES_WAITING.observed(meter);
    holding = Instrument.HOLDING.observed(meter);
    parkedKeys = Instrument.PARKED_KEYS.observed(meter);
    parkedRetries = Instrument.RETRIES_PARKED.observed(meter);
    breakerOpen = Instrument.BREAKER_OPEN.observed(meter);
    queueDepth = Instrument.QUEUE_DEPTH.observed(meter);
    lag = Instrument.LAG.observed(meter);
    state = Instrument.TRIGGER_STATE.observed(meter);
    meter.batchCallback(
        () -> observe(triggers.values()),
        consumed,
        received,
        succeeded,
        deadLettered,
        dropped,
        released,
        pending,
        waiting,
        holding,
        parkedKeys,
        parkedRetries,
        breakerOpen,
        queueDepth,
        lag,
        state);
  }

  void watch(TriggerGauges trigger) {
    if (triggers.putIfAbsent(trigger.trigger(), trigger) != null) {
      throw new IllegalArgumentException("trigger '" + trigger.trigger() + "' is watched already");
    }
  }

  private void observe(Collection<TriggerGauges> all) {
    Set<String> functions = new HashSet<>();
    for (TriggerGauges trigger : all) {
      Attributes name = Attributes.of(Instrument.Labels.KEY_TRIGGER, trigger.trigger());
      ledger(trigger, name);
      Dispatcher.Queues queues = trigger.queues().get();
      waiting.record(queues.waiting(), name);
      holding.record(queues.holding() ? 1 : 0, name);
      parkedKeys.record(trigger.parkedKeys().getAsLong(), name);
      parkedRetries.record(trigger.parkedRetries().getAsLong(), name);
      // The triggers of one function share its queue and its breaker: they are told once.
      if (functions.add(trigger.function())) {
        Attributes function = Attributes.of(Instrument.Labels.KEY_FUNCTION, trigger.function());
        queueDepth.record(queues.ready(), function);
        breakerOpen.record(queues.breakerOpen() ? 1 : 0, function);
      }
      status(trigger, name);
    }
  }

  private void ledger(TriggerGauges trigger, Attributes name) {
    Conservation account = trigger.account().get();
    consumed.record(
        account.received(),
        Attributes.of(
            Instrument.Labels.KEY_TRIGGER,
            trigger.trigger(),
            Instrument.Labels.KEY_SYSTEM,
            trigger.system()));
    received.record(account.received(), name);
    succeeded.record(account.succeeded(), name);
    deadLettered.record(account.deadLettered(), name);
    released.record(account.released(), name);
    pending.record(account.pending(), name);
    account
        .dropped()
        .forEach(
            (reason, count) ->
                dropped.record(
                    count,
                    Attributes.of(
                        Instrument.Labels.KEY_TRIGGER,
                        trigger.trigger(),
                        Instrument.Labels.KEY_REASON,
                        reason)));
  }

  private void status(TriggerGauges trigger, Attributes name) {
    TriggerStatus status = trigger.status().get();
    status.lag().ifPresent(events -> lag.record(events, name));
    for (TriggerStatus.State each : TriggerStatus.State.values()) {
      state.record(
          each == status.state() ? 1 : 0,
          Attributes.of(
              Instrument.Labels.KEY_TRIGGER,
              trigger.trigger(),
              Instrument.Labels.KEY_STATE,
              Instrument.label(each)));
    }
  }
}
