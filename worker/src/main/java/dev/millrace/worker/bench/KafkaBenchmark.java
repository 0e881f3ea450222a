package dev.millrace.worker.bench;

import dev.millrace.triggers.Trigger;
import dev.millrace.triggers.TriggerStatus;
import dev.millrace.triggers.kafka.bench.BareConsumer;
import dev.millrace.triggers.kafka.bench.RecordLoader;
import dev.millrace.worker.Worker;
import dev.millrace.worker.WorkerOptions;
import dev.millrace.worker.dispatch.Conservation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleFunction;

/**
 * Records of 1 KiB from Kafka through a guest in a fresh sandbox to the committed offset, beside a
 * bare consumer loop that does the guest's work in Java.
 *
 * <p>All sides are members of groups of their own from the beginning on, read the same topic, and
 * are paused when it is not their turn. A pass is what lies between the first record of a turn and
 * the moment when so many are settled.
 */
final class KafkaBenchmark implements Benchmark {

  private static final int PARTITIONS = 4;
  private static final int BYTES = 1024;
  private static final int KEYS = 10_000;
  private static final int RECORDS = 400_000;

  /** What a side may have received beyond a pass when it is paused. */
  private static final int OVERRUN = 40_000;

  private static final int WARM_UP_ROUNDS = 3;
  private static final int ROUNDS = 5;
  private static final long START_LIMIT_NANOS = 60_000_000_000L;
  private static final long LOOK_MILLIS = 2;
  private static final List<String> ORDERS = List.of("none", "key", "partition");
  private static final String BARE = "bare";

  @Override
  public String name() {
    return "kafka";
  }

  @Override
  public String description() {
    return "1 KiB records from Kafka through a fresh sandbox each, beside a bare consumer loop.";
  }

  @Override
  public List<Figure> run(Bench bench) throws Exception {
    String bootstrap = bench.kafka();
    int records = bench.scaled(RECORDS);
    int rounds = 1 + WARM_UP_ROUNDS + ROUNDS;
    bench.say("filling a topic");
    RecordLoader.fill(
        bootstrap, "bench", PARTITIONS, (long) rounds * (records + OVERRUN), BYTES, KEYS);
    try (Worker worker = Worker.start(bench.manifest(manifest(bootstrap)), WorkerOptions.DEFAULT);
        BareConsumer bare = new BareConsumer(bootstrap, "bench-bare", "bench")) {
      Map<String, Side> sides = new LinkedHashMap<>();
      ORDERS.forEach(order -> sides.put(order, new Triggered(worker, order)));
      sides.put(BARE, new Bare(bare));
      sides.values().forEach(Side::pause);
      for (Side side : sides.values()) {
        side.awaitReady();
      }
      return figures(measure(bench, sides, records, rounds), records);
    }
  }

  private static String manifest(String bootstrap) {
    StringBuilder manifest =
        new StringBuilder(
            """
            connections:
              events: { kafka: { bootstrap: "%s" } }
            functions:
              tiny: { wasm: tiny.wasm, instance: fresh }
            triggers:
            """
                .formatted(bootstrap));
    for (String order : ORDERS) {
      manifest.append(
          """
            %s:
              kafka: { connection: events, topics: [bench], group: bench-%s, start: earliest, order: %s }
              function: tiny
              max_in_flight: 10000
          """
              .formatted(order, order, order));
    }
    return manifest.toString();
  }

  private static Map<String, List<Usage>> measure(
      Bench bench, Map<String, Side> sides, int records, int rounds) throws InterruptedException {
    Map<String, List<Usage>> passes = new LinkedHashMap<>();
    List<String> order = new ArrayList<>(sides.keySet());
    for (int round = 0; round < rounds; round++) {
      for (String name : order) {
        Usage usage = pass(Objects.requireNonNull(sides.get(name)), records);
        passes.computeIfAbsent(name, each -> new ArrayList<>()).add(usage);
        bench.say(
            String.format(
                Locale.ROOT,
                "  round %d, %s: %.0f records/s, %.2f µs CPU, %.0f B each",
                round,
                name,
                usage.perSecond(records),
                usage.cpuMicros(records),
                usage.bytes(records)));
      }
      Collections.rotate(order, 1);
    }
    return passes;
  }

  private static Usage pass(Side side, int records) throws InterruptedException {
    long received = side.received();
    side.resume();
    while (side.received() == received) {
      Thread.sleep(LOOK_MILLIS);
    }
    Usage began = Usage.now();
    long settled = side.settled();
    while (side.settled() < settled + records) {
      Thread.sleep(LOOK_MILLIS);
    }
    long done = side.settled() - settled;
    Usage used = Usage.now().since(began);
    side.pause();
    while (!side.idle()) {
      Thread.sleep(1);
    }
    Thread.sleep(100);
    return scaled(used, (double) records / done);
  }

  /** A pass ends a moment after so many records: the same for exactly so many. */
  private static Usage scaled(Usage usage, double share) {
    return new Usage(
        (long) (usage.wallNanos() * share),
        (long) (usage.cpuNanos() * share),
        (long) (usage.allocatedBytes() * share));
  }

  private static List<Figure> figures(Map<String, List<Usage>> passes, int records) {
    ToDoubleFunction<Usage> rate = usage -> usage.perSecond(records);
    ToDoubleFunction<Usage> perCpu = usage -> usage.perCpuSecond(records);
    ToDoubleFunction<Usage> bytes = usage -> usage.bytes(records);
    List<Usage> bare = warm(passes, BARE);
    List<Usage> none = warm(passes, "none");
    List<Usage> key = warm(passes, "key");
    List<Usage> partition = warm(passes, "partition");
    return List.of(
        Figure.ratio(
            "records/s, order none ÷ bare loop",
            ratio(none, bare, rate),
            Goal.atLeast(0.90, 1.05),
            detail(none, bare, "/s", rate)),
        Figure.ratio(
            "records per CPU-second, order none ÷ bare loop",
            ratio(none, bare, perCpu),
            Goal.atLeast(0.65, 0.80),
            detail(none, bare, "/s", perCpu)),
        Figure.ratio(
            "records/s, order key (10,000 keys) ÷ order none",
            ratio(key, none, rate),
            Goal.atLeast(0.85, 0.95),
            detail(key, none, "/s", rate)),
        Figure.shown(
            "records/s, order partition ÷ order none",
            Figure.RATIO,
            ratio(partition, none, rate),
            detail(partition, none, "/s", rate)),
        Figure.of(
            "allocation of an event beyond the bare loop's, order none",
            "B",
            difference(none, bare, bytes),
            Goal.atMost(1024, 300),
            detail(none, bare, "B", bytes)),
        Figure.shown(
            "records/s of the first, cold pass ÷ a warm one, order none",
            Figure.RATIO,
            Spread.of(rate.applyAsDouble(cold(passes, "none")) / median(none, rate)),
            detail(List.of(cold(passes, "none")), none, "/s", rate)));
  }

  private static List<Usage> warm(Map<String, List<Usage>> passes, String side) {
    List<Usage> all = Objects.requireNonNull(passes.get(side));
    return all.subList(1 + WARM_UP_ROUNDS, all.size());
  }

  private static Usage cold(Map<String, List<Usage>> passes, String side) {
    return Objects.requireNonNull(passes.get(side)).get(0);
  }

  private static Spread ratio(
      List<Usage> subject, List<Usage> baseline, ToDoubleFunction<Usage> value) {
    double[] ratios = new double[subject.size()];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = value.applyAsDouble(subject.get(i)) / value.applyAsDouble(baseline.get(i));
    }
    return Spread.of(ratios);
  }

  private static Spread difference(
      List<Usage> subject, List<Usage> baseline, ToDoubleFunction<Usage> value) {
    double[] differences = new double[subject.size()];
    for (int i = 0; i < differences.length; i++) {
      differences[i] = value.applyAsDouble(subject.get(i)) - value.applyAsDouble(baseline.get(i));
    }
    return Spread.of(differences);
  }

  private static String detail(
      List<Usage> subject, List<Usage> baseline, String unit, ToDoubleFunction<Usage> value) {
    return String.format(
        Locale.ROOT,
        "%.0f %s and %.0f %s",
        median(subject, value),
        unit,
        median(baseline, value),
        unit);
  }

  private static double median(List<Usage> usages, ToDoubleFunction<Usage> value) {
    return Spread.of(usages.stream().mapToDouble(value).toArray()).median();
  }

  /** Who reads. */
  private interface Side {
    void resume();

    void pause();

    long received();

    long settled();

    boolean idle();

    void awaitReady() throws InterruptedException;
  }

  private record Triggered(Worker worker, String name) implements Side {

    private Trigger trigger() {
      return Objects.requireNonNull(worker.triggers().get(name));
    }

    @Override
    public void resume() {
      trigger().resume();
    }

    @Override
    public void pause() {
      trigger().pause();
    }

    @Override
    public long received() {
      return worker.conservation(name).received();
    }

    @Override
    public long settled() {
      return worker.conservation(name).succeeded();
    }

    @Override
    public boolean idle() {
      Conservation now = worker.conservation(name);
      return now.pending() == 0;
    }

    @Override
    public void awaitReady() throws InterruptedException {
      long limit = System.nanoTime() + START_LIMIT_NANOS;
      while (trigger().status().state() != TriggerStatus.State.PAUSED) {
        if (System.nanoTime() - limit > 0) {
          throw new IllegalStateException("trigger '" + name + "' is " + trigger().status());
        }
        Thread.sleep(10);
      }
    }
  }

  private record Bare(BareConsumer consumer) implements Side {

    @Override
    public void resume() {
      consumer.resume();
    }

    @Override
    public void pause() {
      consumer.pause();
    }

    @Override
    public long received() {
      return consumer.count();
    }

    @Override
    public long settled() {
      return consumer.count();
    }

    @Override
    public boolean idle() {
      return true;
    }

    @Override
    public void awaitReady() {}
  }
}
