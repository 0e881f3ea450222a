package dev.millrace.worker.admin;

import dev.millrace.triggers.FailureKind;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.api.metrics.ObservableLongMeasurement;
import java.util.Map;
import java.util.TreeMap;

/** Counts attempts by function, out of {@link Timings}, when somebody asks. */
final class Attempts {

  private Attempts() {}

  /** Makes the counters of attempts. */
  static void observe(Meter meter, Timings timings) {
    ObservableLongMeasurement invocations = Instrument.INVOCATIONS.observed(meter);
    ObservableLongMeasurement errors = Instrument.ERRORS.observed(meter);
    ObservableLongMeasurement timeouts = Instrument.TIMEOUTS.observed(meter);
    meter.batchCallback(
        () -> observe(timings, invocations, errors, timeouts), invocations, errors, timeouts);
  }

  private static void observe(
      Timings timings,
      ObservableLongMeasurement invocations,
      ObservableLongMeasurement errors,
      ObservableLongMeasurement timeouts) {
    Map<String, Long> calls = new TreeMap<>();
    Map<String, Map<FailureKind, Long>> failures = new TreeMap<>();
    timings.count(
        (function, failure, count) -> {
          calls.merge(function, count, Long::sum);
          Map<FailureKind, Long> kinds =
              failures.computeIfAbsent(function, name -> new TreeMap<>());
          if (failure != null) {
            kinds.merge(failure, count, Long::sum);
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
                          Instrument.label(kind))));
        });
  }
}
