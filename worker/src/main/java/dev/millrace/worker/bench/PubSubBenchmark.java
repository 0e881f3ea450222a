package dev.millrace.worker.bench;

import dev.millrace.triggers.redis.bench.BareSubscriber;
import dev.millrace.triggers.redis.bench.ChannelLoad;
import dev.millrace.worker.Worker;
import dev.millrace.worker.WorkerOptions;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Messages of a channel from receipt to settlement, beside a bare subscriber. */
final class PubSubBenchmark implements Benchmark {

  private static final int MESSAGES = 200_000;
  private static final int WARM_UPS = 5;
  private static final int ROUNDS = 15;

  /** Below the receive queue's bound, and below what the server lets a slow subscriber owe. */
  private static final int WINDOW = 4_000;

  private static final Map<String, String> SOURCES =
      Map.of("live", "channels: [live], durable: false", "durable", "channels: [durable]");

  @Override
  public String name() {
    return "pubsub";
  }

  @Override
  public String description() {
    return "1 KiB messages of a Redis channel, from receipt to done, beside a bare subscriber.";
  }

  @Override
  public List<Figure> run(Bench bench) throws Exception {
    URI redis = URI.create(bench.redis());
    int messages = bench.scaled(MESSAGES);
    try (Worker worker = RedisWorker.start(bench, SOURCES, WorkerOptions.DEFAULT)) {
      Side live = new Side(redis, worker, "live");
      Side durable = new Side(redis, worker, "durable");
      for (Turns.Pass<Usage> warmUp : passes(redis, messages, live, durable)) {
        for (int i = 0; i < WARM_UPS; i++) {
          warmUp.run();
        }
      }
      return List.of(
          figure("not durable", messages, redis, live, Goal.atLeast(0.70, 0.90)),
          figure("durable", messages, redis, durable, Goal.atLeast(0.28, 0.60)));
    }
  }

  private static List<Turns.Pass<Usage>> passes(URI redis, int messages, Side live, Side durable) {
    return List.of(
        () -> bare(redis, messages), () -> live.pass(messages), () -> durable.pass(messages));
  }

  private static Figure figure(String which, int messages, URI redis, Side side, Goal goal)
      throws Exception {
    Turns<Usage> turns = Turns.of(ROUNDS, () -> side.pass(messages), () -> bare(redis, messages));
    return Figure.ratio(
        which + ": messages a second ÷ bare subscriber",
        turns.ratio(usage -> usage.perSecond(messages)),
        goal,
        String.format(
            Locale.ROOT,
            "%.0f/s ÷ %.0f/s; %s",
            turns.subject(usage -> usage.perSecond(messages)).median(),
            turns.baseline(usage -> usage.perSecond(messages)).median(),
            Usage.beside(turns, messages)));
  }

  private static Usage bare(URI redis, int messages) throws Exception {
    try (BareSubscriber subscriber = BareSubscriber.start(redis, "bare");
        ChannelLoad channel = ChannelLoad.open(redis, "bare")) {
      Usage before = Usage.now();
      Load load = Load.start(() -> channel.flood(messages, WINDOW, subscriber::received));
      while (subscriber.received() < messages) {
        load.check();
        Thread.sleep(1);
      }
      return Usage.now().since(before).without(load.await());
    }
  }

  /** A trigger of the worker and its channel. */
  private record Side(URI redis, Worker worker, String trigger) {

    Usage pass(int messages) throws Exception {
      BareSubscriber.awaitSubscriber(redis, trigger);
      Settled settled = new Settled(worker, trigger);
      try (ChannelLoad channel = ChannelLoad.open(redis, trigger)) {
        return settled.more(messages, () -> channel.flood(messages, WINDOW, settled::count));
      }
    }
  }
}
