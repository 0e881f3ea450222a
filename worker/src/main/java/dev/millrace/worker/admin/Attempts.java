package dev.millrace.worker.admin;

import dev.millrace.triggers.FailureKind;
import dev.millrace.worker.dispatch.Outcome;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.DoubleHistogram;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.api.metrics.ObservableLongMeasurement;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Counts and times attempts. Runs on the hot path: one map look-up, one adder and two histograms an
 * attempt; the counters by function are summed up when somebody asks. Safe for any thread.
 */
final class Attempts {

  private record Key(String trigger, String function, @Nullable FailureKind failure) {

    String outcome() {
      return failure == null ? "succeeded" : label(failure);
    }
  }

  private record Series(Attributes process, Attributes invoke, LongAdder count) {}

  private final Map<Key, Series> series = new ConcurrentHashMap<>();
  private final DoubleHistogram processDuration;
  private final DoubleHistogram invokeDuration;

  Attempts(Meter meter) {
    processDuration = Instrument.PROCESS_DURATION.histogram(meter);
    invokeDuration = Instrument.INVOKE_DURATION.histogram(meter);
    ObservableLongMeasurement invocations = Instrument.INVOCATIONS.observed(meter);
    ObservableLongMeasurement errors = Instrument.ERRORS.observed(meter);
    ObservableLongMeasurement timeouts = Instrument.TIMEOUTS.observed(meter);
    meter.batchCallback(
        () -> observe(invocations, errors, timeouts), invocations, errors, timeouts);
  }

  void ended(String trigger, String function, Outcome outcome, Duration duration) {
    FailureKind failure = outcome instanceof Outcome.Failed failed ? failed.kind() : null;
    Series mine = series.computeIfAbsent(new Key(trigger, function, failure), Attempts::series);
    double seconds = duration.toNanos() / 1e9;
    mine.count.increment();
    processDuration.record(seconds, mine.process);
    invokeDuration.record(seconds, mine.invoke);
  }

  /** A failure as it reads on a label. */
  static String label(Enum<?> name) {
    return name.name().toLowerCase(Locale.ROOT);
  }

  private static Series series(Key key) {
    return new Series(
        Attributes.of(
            Instrument.Labels.KEY_TRIGGER,
            key.trigger,
            Instrument.Labels.KEY_FUNCTION,
            key.function,
            Instrument.Labels.KEY_OUTCOME,
            key.outcome()),
        Attributes.of(Instrument.Labels.KEY_FUNCTION, key.function),
        new LongAdder());
  }

  private void observe(
      ObservableLongMeasurement invocations,
      ObservableLongMeasurement errors,
      ObservableLongMeasurement timeouts) {
    Map<String, Long> calls = new TreeMap<>();
    Map<String, Map<FailureKind, Long>> failures = new TreeMap<>();
    series.forEach(
        (key, mine) -> {
          long count = mine.count.sum();
          calls.merge(key.function, count, Long::sum);
          Map<FailureKind, Long> kinds =
              failures.computeIfAbsent(key.function, name -> new TreeMap<>());
          if (key.failure != null) {
            kinds.merge(key.failure, count, Long::sum);
          }
        });
    calls.forEach(
        (function, count) ->
            invocations.record(count, Attributes.of(Instrument.Labels.KEY_FUNCTION, function)));
    failures.forEach(
        (function, kinds) -> {
          timeouts.record(
              kinds.getOrDefault(FailureKind.TIMEOUT, 0L),
              Attributes.of(Instrument.Labels.KEY_FUNCTION, function));
          kinds.forEach(
              (kind, count) ->
                  errors.record(
                      count,
                      Attributes.of(
                          Instrument.Labels.KEY_FUNCTION,
                          function,
                          Instrument.Labels.KEY_REASON,
                          label(kind))));
        });
  }
}
