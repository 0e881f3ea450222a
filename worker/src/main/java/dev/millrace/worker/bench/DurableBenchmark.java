package dev.millrace.worker.bench;

import dev.millrace.abi.Event;
import dev.millrace.triggers.Settlement;
import dev.millrace.triggers.redis.bench.BareSubscriber;
import dev.millrace.triggers.redis.bench.ChannelLoad;
import dev.millrace.triggers.redis.bench.Payload;
import dev.millrace.worker.Worker;
import dev.millrace.worker.WorkerOptions;
import dev.millrace.worker.dispatch.DispatchListener;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/**
 * Durable messages at a steady rate. A message's latency begins when it was to be published and
 * ends with its settlement, so that a stall counts for all that came meanwhile.
 */
final class DurableBenchmark implements Benchmark {

  private static final String TRIGGER = "durable";
  private static final Map<String, String> SOURCES = Map.of(TRIGGER, "channels: [durable]");
  private static final int PER_SECOND = 5_000;
  private static final int WARM_UP = 200_000;
  private static final int WARM_UP_WINDOW = 4_000;
  private static final int ROUNDS = 5;
  private static final int SECONDS_A_ROUND = 6;
  private static final double NANOS_A_MILLI = 1e6;

  @Override
  public String name() {
    return "durable";
  }

  @Override
  public String description() {
    return "Durable messages of a Redis channel at 5000 a second: processor time and latency.";
  }

  @Override
  public List<Figure> run(Bench bench) throws Exception {
    URI redis = URI.create(bench.redis());
    int messages = bench.scaled(SECONDS_A_ROUND * PER_SECOND);
    Latencies latencies = new Latencies();
    try (Worker worker =
            RedisWorker.start(bench, SOURCES, WorkerOptions.DEFAULT.withListener(latencies));
        ChannelLoad channel = ChannelLoad.open(redis, TRIGGER)) {
      BareSubscriber.awaitSubscriber(redis, TRIGGER);
      Settled settled = new Settled(worker, TRIGGER);
      int warmUp = bench.scaled(WARM_UP);
      settled.more(warmUp, () -> channel.flood(warmUp, WARM_UP_WINDOW, settled::count));
      round(channel, settled, messages);
      latencies.take();
      List<Usage> usages = new ArrayList<>();
      List<Histogram> histograms = new ArrayList<>();
      for (int i = 0; i < ROUNDS; i++) {
        usages.add(round(channel, settled, messages));
        histograms.add(latencies.take());
      }
      return figures(messages, usages, histograms);
    }
  }

  private static Usage round(ChannelLoad channel, Settled settled, int messages) throws Exception {
    return settled.more(messages, () -> channel.pace(messages, PER_SECOND));
  }

  private static List<Figure> figures(
      int messages, List<Usage> usages, List<Histogram> histograms) {
    Histogram all = new Histogram(3);
    histograms.forEach(all::add);
    return List.of(
        Figure.of(
            "CPU of a message at 5000/s",
            "µs",
            Spread.of(usages.stream().mapToDouble(usage -> usage.cpuMicros(messages)).toArray()),
            Goal.atMost(50, 25),
            String.format(Locale.ROOT, "allocated %.0f B", usages.getLast().bytes(messages))),
        Figure.of(
            "99th percentile of the latency at 5000/s",
            "ms",
            Spread.of(
                histograms.stream()
                    .mapToDouble(each -> each.getValueAtPercentile(99) / NANOS_A_MILLI)
                    .toArray()),
            Goal.atMost(30, 10),
            String.format(
                Locale.ROOT,
                "median %.1f ms, 99.9th %.1f ms, longest %.1f ms",
                all.getValueAtPercentile(50) / NANOS_A_MILLI,
                all.getValueAtPercentile(99.9) / NANOS_A_MILLI,
                all.getMaxValue() / NANOS_A_MILLI)));
  }

  /** From the time at which a message was to be published to its settlement. */
  private static final class Latencies implements DispatchListener {
    private final Recorder recorder = new Recorder(3);

    @Override
    public void settled(String trigger, Event event, Settlement settlement, Duration sinceReceipt) {
      byte[] data = event.data();
      if (data != null) {
        recorder.recordValue(Math.max(0, System.nanoTime() - Payload.scheduledNanos(data)));
      }
    }

    /** What was recorded since the last call. */
    Histogram take() {
      return recorder.getIntervalHistogram();
    }
  }
}
