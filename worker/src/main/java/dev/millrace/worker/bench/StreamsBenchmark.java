package dev.millrace.worker.bench;

import dev.millrace.triggers.redis.bench.BareStream;
import dev.millrace.triggers.redis.bench.StreamLoad;
import dev.millrace.worker.Worker;
import dev.millrace.worker.WorkerOptions;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Entries of a stream from delivery to acknowledgement, beside a bare consumer of a group. */
final class StreamsBenchmark implements Benchmark {

  private static final int ENTRIES = 100_000;
  private static final int ROUNDS = 7;

  private static final Map<String, String> SOURCES =
      Map.of("jobs", "stream: jobs, group: millrace");

  @Override
  public String name() {
    return "streams";
  }

  @Override
  public String description() {
    return "1 KiB entries of a Redis stream, until acknowledged, beside a bare consumer of a group.";
  }

  @Override
  public List<Figure> run(Bench bench) throws Exception {
    URI redis = URI.create(bench.redis());
    int entries = bench.scaled(ENTRIES);
    try (Worker worker = RedisWorker.start(bench, SOURCES, WorkerOptions.DEFAULT);
        StreamLoad ours = new StreamLoad(redis, "jobs", "millrace");
        StreamLoad theirs = new StreamLoad(redis, "bare", "bare");
        BareStream bare = new BareStream(redis, "bare", "bare")) {
      for (int i = 0; i < 2; i++) {
        bare(theirs, bare, entries);
        pass(ours, worker, entries);
      }
      Turns<Usage> turns =
          Turns.of(ROUNDS, () -> pass(ours, worker, entries), () -> bare(theirs, bare, entries));
      return List.of(
          Figure.of(
              "entries",
              "/s",
              turns.subject(usage -> usage.perSecond(entries)),
              Goal.atLeast(40_000, 40_000),
              Usage.beside(turns, entries)),
          Figure.ratio(
              "entries a second ÷ bare loop",
              turns.ratio(usage -> usage.perSecond(entries)),
              Goal.atLeast(0.5, 0.8),
              String.format(
                  Locale.ROOT,
                  "bare %.0f/s",
                  turns.baseline(usage -> usage.perSecond(entries)).median())));
    }
  }

  private static Usage pass(StreamLoad load, Worker worker, int entries) throws Exception {
    load.prepare(entries);
    Settled settled = new Settled(worker, "jobs");
    long target = settled.count() + entries;
    Usage before = Usage.now();
    load.release();
    settled.await(target);
    load.awaitAcknowledged();
    return Usage.now().since(before);
  }

  private static Usage bare(StreamLoad load, BareStream bare, int entries) throws Exception {
    load.prepare(entries);
    Usage before = Usage.now();
    load.release();
    bare.run(entries);
    load.awaitAcknowledged();
    return Usage.now().since(before);
  }
}
