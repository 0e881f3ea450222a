package dev.millrace.worker.admin;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.metrics.DoubleHistogram;
import io.opentelemetry.api.metrics.LongCounter;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.api.metrics.ObservableDoubleMeasurement;
import io.opentelemetry.api.metrics.ObservableLongMeasurement;
import java.util.List;
import java.util.Locale;

/**
 * Every metric there is, under its OpenTelemetry name. {@code docs/metrics.md} lists the same ones;
 * a test holds the two together. Labels take their values from the manifest and from our own
 * enumerations only: an event's key or id never becomes one.
 */
enum Instrument {
  CONSUMED(
      "messaging.client.consumed.messages", Kind.COUNTER, "{message}", "trigger, messaging.system"),
  SENT("messaging.client.sent.messages", Kind.COUNTER, "{message}", "connection, outcome"),
  PROCESS_DURATION("messaging.process.duration", Kind.HISTOGRAM, "s", "trigger, function, outcome"),

  INVOCATIONS("faas.invocations", Kind.COUNTER, "{invocation}", "function"),
  ERRORS("faas.errors", Kind.COUNTER, "{error}", "function, reason"),
  TIMEOUTS("faas.timeouts", Kind.COUNTER, "{timeout}", "function"),
  INVOKE_DURATION("faas.invoke_duration", Kind.HISTOGRAM, "s", "function"),
  COLD_STARTS("faas.coldstarts", Kind.COUNTER, "{coldstart}", "function"),
  INIT_DURATION("faas.init_duration", Kind.HISTOGRAM, "s", "function"),
  MEMORY_USAGE("faas.mem_usage", Kind.GAUGE, "By", "function"),

  RECEIVED("millrace.events.received", Kind.COUNTER, "{event}", "trigger"),
  SUCCEEDED("millrace.events.succeeded", Kind.COUNTER, "{event}", "trigger"),
  DEAD_LETTERED("millrace.events.dead_lettered", Kind.COUNTER, "{event}", "trigger"),
  DROPPED("millrace.events.dropped", Kind.COUNTER, "{event}", "trigger, reason"),
  RELEASED("millrace.events.released", Kind.COUNTER, "{event}", "trigger"),
  PENDING("millrace.events.pending", Kind.GAUGE, "{event}", "trigger"),
  EVENT_DURATION("millrace.event.duration", Kind.HISTOGRAM, "s", "trigger, settlement"),

  RETRIES("millrace.retries", Kind.COUNTER, "{retry}", "trigger, reason"),
  RETRIES_WAITING("millrace.retries.waiting", Kind.GAUGE, "{event}", "trigger"),
  RETRIES_PARKED("millrace.retries.parked", Kind.GAUGE, "{event}", "trigger"),
  DEAD_LETTERS("millrace.dead_letters", Kind.COUNTER, "{event}", "trigger, function, reason"),
  HELD("millrace.held", Kind.COUNTER, "{hold}", "trigger, reason"),
  QUEUE_DEPTH("millrace.queue.depth", Kind.GAUGE, "{event}", "function"),
  HOLDING("millrace.intake.holding", Kind.GAUGE, "", "trigger"),
  PARKED_KEYS("millrace.keys.parked", Kind.GAUGE, "{key}", "trigger"),
  BREAKER_OPEN("millrace.breaker.open", Kind.GAUGE, "", "function"),

  LAG("millrace.lag", Kind.GAUGE, "{event}", "trigger"),
  TRIGGER_STATE("millrace.trigger.state", Kind.GAUGE, "", "trigger, state"),
  DISCONNECTS("millrace.trigger.disconnects", Kind.COUNTER, "{disconnect}", "trigger"),
  GAPS("millrace.trigger.gaps", Kind.COUNTER, "{gap}", "trigger"),
  DATA_LOSSES("millrace.trigger.data_losses", Kind.COUNTER, "{loss}", "trigger"),

  RESETS("millrace.resets", Kind.COUNTER, "{reset}", "function"),
  RESET_DURATION("millrace.reset.duration", Kind.SECONDS_COUNTER, "s", "function"),
  SLOTS("millrace.slots", Kind.GAUGE, "{slot}", "function"),

  STORE_QUEUED("millrace.store.queued", Kind.GAUGE, "{write}", ""),
  STORE_COMMITS("millrace.store.commits", Kind.COUNTER, "{commit}", ""),
  STORE_WRITES("millrace.store.writes", Kind.COUNTER, "{write}", ""),
  STORE_FAILURES("millrace.store.failed_writes", Kind.COUNTER, "{write}", ""),
  STORE_SIZE("millrace.store.size", Kind.GAUGE, "By", ""),

  JVM_MEMORY_USED("jvm.memory.used", Kind.GAUGE, "By", "jvm.memory.type"),
  JVM_MEMORY_COMMITTED("jvm.memory.committed", Kind.GAUGE, "By", "jvm.memory.type"),
  JVM_MEMORY_LIMIT("jvm.memory.limit", Kind.GAUGE, "By", "jvm.memory.type"),
  JVM_CPU_TIME("jvm.cpu.time", Kind.SECONDS_COUNTER, "s", ""),
  JVM_CPU_COUNT("jvm.cpu.count", Kind.GAUGE, "{cpu}", ""),
  JVM_THREADS("jvm.thread.count", Kind.GAUGE, "{thread}", ""),
  JVM_GC_TIME("jvm.gc.time", Kind.SECONDS_COUNTER, "s", ""),
  UPTIME("process.uptime", Kind.GAUGE, "s", "");

  /** Guests take from ten microseconds to minutes. */
  static final List<Double> SECONDS =
      List.of(
          50e-6, 100e-6, 250e-6, 500e-6, 1e-3, 2.5e-3, 5e-3, 10e-3, 25e-3, 50e-3, 100e-3, 250e-3,
          500e-3, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0);

  /** Who measures. */
  static final String SCOPE = "dev.millrace";

  /** A failure or a settlement as it reads on a label. */
  static String label(Enum<?> name) {
    return name.name().toLowerCase(Locale.ROOT);
  }

  /** What an instrument is, as Prometheus tells them apart. */
  enum Kind {
    COUNTER,
    SECONDS_COUNTER,
    GAUGE,
    HISTOGRAM
  }

  /** The label names. */
  static final class Labels {

    static final AttributeKey<String> KEY_TRIGGER = AttributeKey.stringKey("trigger");
    static final AttributeKey<String> KEY_FUNCTION = AttributeKey.stringKey("function");
    static final AttributeKey<String> KEY_OUTCOME = AttributeKey.stringKey("outcome");
    static final AttributeKey<String> KEY_REASON = AttributeKey.stringKey("reason");
    static final AttributeKey<String> KEY_SETTLEMENT = AttributeKey.stringKey("settlement");
    static final AttributeKey<String> KEY_STATE = AttributeKey.stringKey("state");
    static final AttributeKey<String> KEY_CONNECTION = AttributeKey.stringKey("connection");
    static final AttributeKey<String> KEY_SYSTEM = AttributeKey.stringKey("messaging.system");
    static final AttributeKey<String> KEY_MEMORY_TYPE = AttributeKey.stringKey("jvm.memory.type");

    private Labels() {}
  }

  private final String otelName;
  private final Kind kind;
  private final String unit;
  private final String labels;

  Instrument(String otelName, Kind kind, String unit, String labels) {
    this.otelName = otelName;
    this.kind = kind;
    this.unit = unit;
    this.labels = labels;
  }

  String otelName() {
    return otelName;
  }

  Kind kind() {
    return kind;
  }

  String unit() {
    return unit;
  }

  /** Its label names, joined by commas. */
  String labels() {
    return labels;
  }

  /** A counter that events count themselves into. */
  LongCounter counted(Meter meter) {
    return meter.counterBuilder(otelName).setUnit(unit).build();
  }

  /** A counter or gauge of whole numbers that is asked for its value at each scrape. */
  ObservableLongMeasurement observed(Meter meter) {
    return kind == Kind.GAUGE
        ? meter.gaugeBuilder(otelName).ofLongs().setUnit(unit).buildObserver()
        : meter.counterBuilder(otelName).setUnit(unit).buildObserver();
  }

  /** A counter or gauge of seconds that is asked for its value at each scrape. */
  ObservableDoubleMeasurement observedSeconds(Meter meter) {
    return kind == Kind.GAUGE
        ? meter.gaugeBuilder(otelName).setUnit(unit).buildObserver()
        : meter.counterBuilder(otelName).ofDoubles().setUnit(unit).buildObserver();
  }

  DoubleHistogram histogram(Meter meter) {
    return meter
        .histogramBuilder(otelName)
        .setUnit(unit)
        .setExplicitBucketBoundariesAdvice(SECONDS)
        .build();
  }
}
