package dev.millrace.worker.bench;

import dev.millrace.triggers.Trigger;
import dev.millrace.triggers.TriggerStatus;
import dev.millrace.triggers.kafka.bench.BareConsumer;
import dev.millrace.triggers.kafka.bench.RecordLoader;
import dev.millrace.worker.Worker;
import dev.millrace.worker.WorkerOptions;
import dev.millrace.worker.dispatch.Conservation;
import java.time.Duration;
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
  private static final Duration START_LIMIT = Duration.ofMinutes(1);
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
    List<Usage> none = warm(passes, "none");
    Turns<Usage> toBare = Turns.between(none, warm(passes, BARE));
    Turns<Usage> keyToNone = Turns.between(warm(passes, "key"), none);
    Turns<Usage> partitionToNone = Turns.between(warm(passes, "partition"), none);
    Turns<Usage> coldToWarm = Turns.between(List.of(cold(passes, "none")), none);
    return List.of(
        Figure.ratio(
            "records/s, order none ÷ bare loop",
            toBare.ratio(rate),
            Goal.atLeast(0.90, 1.05),
            detail(toBare, "/s", rate)),
        Figure.ratio(
            "records per CPU-second, order none ÷ bare loop",
            toBare.ratio(perCpu),
            Goal.atLeast(0.65, 0.80),
            detail(toBare, "/s", perCpu)),
        Figure.ratio(
            "records/s, order key (10,000 keys) ÷ order none",
            keyToNone.ratio(rate),
            Goal.atLeast(0.85, 0.95),
            detail(keyToNone, "/s", rate)),
        Figure.shown(
            "records/s, order partition ÷ order none",
            Figure.RATIO,
            partitionToNone.ratio(rate),
            detail(partitionToNone, "/s", rate)),
        Figure.of(
            "allocation of an event beyond the bare loop's, order none",
            "B",
            toBare.difference(bytes),
            Goal.atMost(1024, 300),
            detail(toBare, "B", bytes)),
        Figure.shown(
            "records/s of the first, cold pass ÷ a warm one, order none",
            Figure.RATIO,
            Spread.of(coldToWarm.subject(rate).median() / coldToWarm.baseline(rate).median()),
            detail(coldToWarm, "/s", rate)));
  }

  private static List<Usage> warm(Map<String, List<Usage>> passes, String side) {
    List<Usage> all = Objects.requireNonNull(passes.get(side));
    return all.subList(1 + WARM_UP_ROUNDS, all.size());
  }

  private static Usage cold(Map<String, List<Usage>> passes, String side) {
    return Objects.requireNonNull(passes.get(side)).get(0);
  }

  private static String detail(Turns<Usage> turns, String unit, ToDoubleFunction<Usage> value) {
    return String.format(
        Locale.ROOT,
        "%.0f %s and %.0f %s",
        turns.subject(value).median(),
        unit,
        turns.baseline(value).median(),
        unit);
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
      Polling.until(
          () -> trigger().status().state() == TriggerStatus.State.PAUSED,
          START_LIMIT,
          Duration.ofMillis(10),
          () -> "trigger '" + name + "' is " + trigger().status());
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
