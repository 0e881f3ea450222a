package dev.millrace.worker.admin;

import dev.millrace.abi.Event;
import dev.millrace.triggers.DeadLetter;
import dev.millrace.triggers.FailureKind;
import dev.millrace.triggers.Publisher;
import dev.millrace.triggers.Settlement;
import dev.millrace.triggers.TriggerSignals;
import dev.millrace.worker.dispatch.DispatchListener;
import dev.millrace.worker.dispatch.Invocation;
import dev.millrace.worker.dispatch.Outcome;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.DoubleHistogram;
import io.opentelemetry.api.metrics.LongCounter;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.api.metrics.ObservableDoubleMeasurement;
import io.opentelemetry.api.metrics.ObservableLongMeasurement;
import io.opentelemetry.exporter.prometheus.PrometheusMetricReader;
import io.opentelemetry.sdk.metrics.ExemplarFilter;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.resources.Resource;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * The worker's metrics, in OpenTelemetry's names and Prometheus' text form. What can be asked for
 * is asked at a scrape; only attempts and settlements are recorded as they happen. {@code
 * docs/metrics.md} lists all of them. Safe for any thread; nothing here blocks but {@link #scrape}.
 */
public final class Metrics implements DispatchListener, AutoCloseable {

  /** The content type of a {@link #scrape}. */
  public static final String CONTENT_TYPE = PrometheusTextFormatWriter.CONTENT_TYPE;

  /**
   * How many sets of labels an instrument may have. Beyond the SDK's own limit of 2,000 all others
   * would share one series without labels; labels come from the manifest and our enumerations only,
   * so that a limit need not guard the memory.
   */
  private static final int SERIES_LIMIT = 1_000_000;

  private final PrometheusMetricReader reader =
      PrometheusMetricReader.builder().setOtelScopeLabelsEnabled(false).build();
  private final PrometheusTextFormatWriter writer = PrometheusTextFormatWriter.create();
  private final ReentrantLock scraping = new ReentrantLock();
  private final SdkMeterProvider provider;
  private final Meter meter;

  private final TriggerMetrics triggers;
  private final Timings timings = new Timings();
  private final LongCounter sent;
  private final LongCounter retries;
  private final LongCounter deadLetters;
  private final LongCounter held;
  private final CountingSignals.Counters signals;
  private final DoubleHistogram initDuration;
  private final LongCounter coldStarts;
  private final Map<String, Supplier<FunctionGauges>> functions = new ConcurrentHashMap<>();

  /**
   * @param application the application's name in the manifest
   * @param version the version of Millrace
   */
  public Metrics(String application, String version) {
    provider =
        SdkMeterProvider.builder()
            .setResource(
                Resource.create(
                    Attributes.of(
                        AttributeKey.stringKey("service.name"),
                        application,
                        AttributeKey.stringKey("service.version"),
                        version)))
            .setExemplarFilter(ExemplarFilter.alwaysOff())
            .registerMetricReader(reader, type -> SERIES_LIMIT)
            .registerMetricProducer(timings)
            .build();
    meter = provider.get(Instrument.SCOPE);
    triggers = new TriggerMetrics(meter);
    Attempts.observe(meter, timings);
    sent = Instrument.SENT.counted(meter);
    retries = Instrument.RETRIES.counted(meter);
    deadLetters = Instrument.DEAD_LETTERS.counted(meter);
    held = Instrument.HELD.counted(meter);
    signals =
        new CountingSignals.Counters(
            Instrument.DISCONNECTS.counted(meter),
            Instrument.GAPS.counted(meter),
            Instrument.DATA_LOSSES.counted(meter));
    initDuration = Instrument.INIT_DURATION.histogram(meter);
    coldStarts = Instrument.COLD_STARTS.counted(meter);
    observeFunctions();
    JvmMetrics.register(meter);
  }

  /** Asks a trigger at each scrape. Once a trigger. */
  public void watchTrigger(TriggerGauges trigger) {
    triggers.watch(trigger);
  }

  /** Asks a function's sandboxes at each scrape. */
  public void watchFunction(String function, Supplier<FunctionGauges> gauges) {
    functions.put(function, gauges);
    coldStarts.add(0, Attributes.of(Instrument.Labels.KEY_FUNCTION, function));
  }

  /** Asks the store at each scrape. Once. */
  public void watchStore(Supplier<StoreGauges> store) {
    ObservableLongMeasurement queued = Instrument.STORE_QUEUED.observed(meter);
    ObservableLongMeasurement commits = Instrument.STORE_COMMITS.observed(meter);
    ObservableLongMeasurement writes = Instrument.STORE_WRITES.observed(meter);
    ObservableLongMeasurement failures = Instrument.STORE_FAILURES.observed(meter);
    ObservableLongMeasurement size = Instrument.STORE_SIZE.observed(meter);
    meter.batchCallback(
        () -> {
          StoreGauges now = store.get();
          queued.record(now.queuedWrites());
          commits.record(now.commits());
          writes.record(now.writes());
          failures.record(now.failedWrites());
          size.record(now.fileBytes());
        },
        queued,
        commits,
        writes,
        failures,
        size);
  }

  /** Counts what goes out over a connection. */
  public Publisher counting(String connection, Publisher publisher) {
    return new CountingPublisher(publisher, connection, sent);
  }

  /** Counts what a trigger signals before {@code next} hears of it. */
  public TriggerSignals counting(String trigger, TriggerSignals next) {
    return new CountingSignals(trigger, next, signals);
  }

  /** A sandbox was made for a function, which an event waited for. */
  public void coldStarted(String function, Duration init) {
    Attributes name = Attributes.of(Instrument.Labels.KEY_FUNCTION, function);
    coldStarts.add(1, name);
    initDuration.record(seconds(init), name);
  }

  @Override
  public void attempted(String function, Invocation invocation, Invocation.Result result) {
    FailureKind failure = result.outcome() instanceof Outcome.Failed failed ? failed.kind() : null;
    timings.attempted(invocation.trigger(), function, failure, result.duration().toNanos());
  }

  @Override
  public void retryScheduled(
      String trigger, Event event, int failedAttempts, Duration delay, Outcome.Failed failure) {
    retries.add(1, because(trigger, Instrument.label(failure.kind())));
  }

  @Override
  public void publishHeld(String trigger, Event event, Throwable cause, Duration nextTry) {
    held.add(1, because(trigger, "publish"));
  }

  @Override
  public void deadLetterHeld(DeadLetter letter, Throwable cause, Duration nextTry) {
    held.add(1, because(letter.trigger(), "dead_letter"));
  }

  @Override
  public void deadLettered(DeadLetter letter) {
    deadLetters.add(
        1,
        Attributes.of(
            Instrument.Labels.KEY_TRIGGER,
            letter.trigger(),
            Instrument.Labels.KEY_FUNCTION,
            letter.function(),
            Instrument.Labels.KEY_REASON,
            Instrument.label(letter.failure())));
  }

  @Override
  public void settled(String trigger, Event event, Settlement settlement, Duration sinceReceipt) {
    timings.settled(trigger, settlement, sinceReceipt.toNanos());
  }

  /** All metrics in Prometheus' text form, UTF-8. One scrape at a time; others wait. */
  public byte[] scrape() {
    ByteArrayOutputStream text = new ByteArrayOutputStream(16 << 10);
    scraping.lock();
    try {
      writer.write(text, reader.collect());
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory failed", e);
    } finally {
      scraping.unlock();
    }
    return text.toByteArray();
  }

  /** Ends collecting; a later scrape is empty. */
  @Override
  public void close() {
    provider.close();
  }

  private void observeFunctions() {
    ObservableLongMeasurement slots = Instrument.SLOTS.observed(meter);
    ObservableLongMeasurement memory = Instrument.MEMORY_USAGE.observed(meter);
    ObservableLongMeasurement resets = Instrument.RESETS.observed(meter);
    ObservableDoubleMeasurement resetTime = Instrument.RESET_DURATION.observedSeconds(meter);
    meter.batchCallback(
        () ->
            functions.forEach(
                (function, gauges) -> {
                  Attributes name = Attributes.of(Instrument.Labels.KEY_FUNCTION, function);
                  FunctionGauges now = gauges.get();
                  slots.record(now.slots(), name);
                  memory.record(now.memoryBytes(), name);
                  resets.record(now.resets(), name);
                  resetTime.record(now.resetNanos() / 1e9, name);
                }),
        slots,
        memory,
        resets,
        resetTime);
  }

  private static Attributes because(String trigger, String reason) {
    return Attributes.of(
        Instrument.Labels.KEY_TRIGGER, trigger, Instrument.Labels.KEY_REASON, reason);
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }
}
