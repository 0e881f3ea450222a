package dev.millrace.worker.bench;

import java.util.List;

/** All benchmarks, in the order in which they run and are shown. */
public final class Benchmarks {

  private static final List<Benchmark> ALL =
      List.of(
          new SandboxBenchmark(),
          new DeployBenchmark(),
          new FunctionsBenchmark(),
          new LanguagesBenchmark(),
          new DispatcherBenchmark(),
          new KafkaBenchmark(),
          new StreamsBenchmark(),
          new PubSubBenchmark(),
          new DurableBenchmark(),
          new StartBenchmark(),
          new CronBenchmark(),
          new WaitingBenchmark(),
          new FairnessBenchmark());

  private Benchmarks() {}

  /** All of them. */
  public static List<Benchmark> all() {
    return ALL;
  }
}
