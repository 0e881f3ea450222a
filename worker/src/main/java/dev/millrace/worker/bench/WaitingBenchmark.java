package dev.millrace.worker.bench;

import dev.millrace.triggers.Intake;
import dev.millrace.worker.wasm.Engine;
import dev.millrace.worker.wasm.host.HttpGateway;
import dev.millrace.worker.wasm.spec.FunctionSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** How many invocations that wait for somebody can be served at once. */
final class WaitingBenchmark implements Benchmark {

  private static final Duration WAIT = Duration.ofMillis(2);
  private static final int IN_FLIGHT = 1000;
  private static final int ROUNDS = 5;
  private static final Duration WARM_UP = Duration.ofSeconds(6);
  private static final Duration ROUND = Duration.ofSeconds(4);

  private static final HttpGateway SERVER =
      request -> {
        Thread.sleep(WAIT);
        return new HttpGateway.Response(200, List.of(), new byte[0]);
      };

  @Override
  public String name() {
    return "waiting";
  }

  @Override
  public String description() {
    return "Invocations that each wait 2 ms in a host call, 1000 of them in flight.";
  }

  @Override
  public List<Figure> run(Bench bench) throws Exception {
    FunctionSpec function =
        Acts.waiting(
            Acts.function("waits", bench.guest(Bench.ACTS), IN_FLIGHT, Duration.ofSeconds(10)));
    List<Usage> rounds = new ArrayList<>();
    List<Long> calls = new ArrayList<>();
    try (Engine engine = Acts.engine(SERVER);
        Mill mill = Mill.unwatched()) {
      Intake intake = mill.intake("waits", engine.deploy(function), IN_FLIGHT);
      try (Mill.Flood flood = new Mill.Flood(intake, Acts.WAIT.event(), IN_FLIGHT)) {
        Thread.sleep(bench.scaled((int) WARM_UP.toMillis()));
        for (int round = 0; round < ROUNDS; round++) {
          long before = flood.settled();
          Usage used = Usage.now();
          Thread.sleep(bench.scaled((int) ROUND.toMillis()));
          rounds.add(Usage.now().since(used));
          calls.add(flood.settled() - before);
        }
      }
      mill.awaitIdle();
    }
    double[] rates = new double[ROUNDS];
    double[] micros = new double[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
      rates[i] = rounds.get(i).perSecond(calls.get(i));
      micros[i] = rounds.get(i).cpuMicros(calls.get(i));
    }
    return List.of(
        Figure.of(
            "calls that wait 2 ms, 1000 in flight",
            "/s",
            Spread.of(rates),
            Goal.atLeast(60_000, 130_000),
            String.format(Locale.ROOT, "%.1f µs CPU a call", Spread.of(micros).median())));
  }
}
