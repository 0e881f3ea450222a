package dev.millrace.worker.admin;

import dev.millrace.triggers.FailureKind;
import dev.millrace.triggers.Settlement;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.sdk.metrics.data.HistogramPointData;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.metrics.export.MetricProducer;
import io.opentelemetry.sdk.resources.Resource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Times attempts and events. On the hot path, so that histograms of the SDK, with a look-up by
 * labels and a lock for each value, are not used: this hands over the same points at a scrape. Safe
 * for any thread.
 */
final class Timings implements MetricProducer {

  /** The attempts of one trigger at one function. Its maps are full, and only read. */
  private record Attempts(
      String trigger, String function, Timing succeeded, Map<FailureKind, Timing> failed) {

    static Attempts of(String trigger, String function) {
      return new Attempts(trigger, function, new Timing(), timings(FailureKind.class));
    }

    Timing of(@Nullable FailureKind failure) {
      return failure == null ? succeeded : Objects.requireNonNull(failed.get(failure));
    }
  }

  private final Map<String, Map<String, Attempts>> attempts = new ConcurrentHashMap<>();
  private final Map<String, Map<Settlement, Timing>> events = new ConcurrentHashMap<>();
  private final long began = nanosSince1970();

  private static <E extends Enum<E>> Map<E, Timing> timings(Class<E> kinds) {
    Map<E, Timing> timings = new EnumMap<>(kinds);
    for (E kind : EnumSet.allOf(kinds)) {
      timings.put(kind, new Timing());
    }
    return timings;
  }

  /**
   * An attempt ended.
   *
   * @param failure {@code null} if it succeeded
   */
  void attempted(String trigger, String function, @Nullable FailureKind failure, long nanos) {
    Map<String, Attempts> ofTrigger = attempts.get(trigger);
    Attempts mine = ofTrigger == null ? null : ofTrigger.get(function);
    if (mine == null) {
      mine =
          attempts
              .computeIfAbsent(trigger, name -> new ConcurrentHashMap<>())
              .computeIfAbsent(function, name -> Attempts.of(trigger, name));
    }
    mine.of(failure).add(nanos);
  }

  /** An event was settled. */
  void settled(String trigger, Settlement settlement, long nanos) {
    Map<Settlement, Timing> mine = events.get(trigger);
    if (mine == null) {
      mine = events.computeIfAbsent(trigger, name -> timings(Settlement.class));
    }
    Objects.requireNonNull(mine.get(settlement)).add(nanos);
  }

  /** Who wants to know how many attempts there were. */
  interface Visitor {
    void visit(String function, @Nullable FailureKind failure, long count);
  }

  /** Tells of all attempts; of each function first of those that succeeded. */
  void count(Visitor visitor) {
    for (Attempts mine : all()) {
      visitor.visit(mine.function, null, mine.of(null).count());
      for (FailureKind failure : FailureKind.values()) {
        long count = mine.of(failure).count();
        if (count > 0) {
          visitor.visit(mine.function, failure, count);
        }
      }
    }
  }

  private List<Attempts> all() {
    return attempts.values().stream().flatMap(each -> each.values().stream()).toList();
  }

  @Override
  public Collection<MetricData> produce(Resource resource) {
    long now = nanosSince1970();
    List<HistogramPointData> process = new ArrayList<>();
    Map<String, List<Timing>> byFunction = new TreeMap<>();
    for (Attempts mine : all()) {
      List<Timing> ofFunction =
          byFunction.computeIfAbsent(mine.function, name -> new ArrayList<>());
      ofFunction.add(mine.succeeded);
      ofFunction.addAll(mine.failed.values());
      add(process, mine.of(null), labels(mine, "succeeded"), now);
      for (FailureKind failure : FailureKind.values()) {
        add(process, mine.of(failure), labels(mine, Instrument.label(failure)), now);
      }
    }
    List<HistogramPointData> invoke = new ArrayList<>();
    byFunction.forEach(
        (function, timings) ->
            invoke.add(
                Timing.point(
                    timings, Attributes.of(Instrument.Labels.KEY_FUNCTION, function), began, now)));
    List<HistogramPointData> event = new ArrayList<>();
    events.forEach(
        (trigger, timings) ->
            timings.forEach(
                (settlement, timing) -> add(event, timing, labels(trigger, settlement), now)));
    List<MetricData> all = new ArrayList<>();
    addTo(all, new TimingData(Instrument.PROCESS_DURATION, resource, process));
    addTo(all, new TimingData(Instrument.INVOKE_DURATION, resource, invoke));
    addTo(all, new TimingData(Instrument.EVENT_DURATION, resource, event));
    return all;
  }

  private void add(List<HistogramPointData> points, Timing timing, Attributes labels, long now) {
    if (timing.count() > 0) {
      points.add(Timing.point(List.of(timing), labels, began, now));
    }
  }

  private static void addTo(List<MetricData> all, TimingData data) {
    if (!data.points().isEmpty()) {
      all.add(data);
    }
  }

  private static Attributes labels(Attempts mine, String outcome) {
    return Attributes.of(
        Instrument.Labels.KEY_TRIGGER,
        mine.trigger,
        Instrument.Labels.KEY_FUNCTION,
        mine.function,
        Instrument.Labels.KEY_OUTCOME,
        outcome);
  }

  private static Attributes labels(String trigger, Settlement settlement) {
    return Attributes.of(
        Instrument.Labels.KEY_TRIGGER,
        trigger,
        Instrument.Labels.KEY_SETTLEMENT,
        Instrument.label(settlement));
  }

  private static long nanosSince1970() {
    return TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis());
  }
}
