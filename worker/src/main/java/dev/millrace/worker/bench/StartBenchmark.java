package dev.millrace.worker.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * From {@code exec} to ready: processor time of a worker's whole process, with three kinds of
 * trigger, brokers beside it, and modules that were compiled before.
 */
final class StartBenchmark implements Benchmark {

  private static final int ROUNDS = 5;

  @Override
  public String name() {
    return "start";
  }

  @Override
  public String description() {
    return "A worker from exec to ready, with and without a start-up cache.";
  }

  @Override
  public List<Figure> run(Bench bench) throws Exception {
    if (Runtime.version().feature() < 25) {
      bench.say("  not measured: a start-up cache of this kind needs JDK 25");
      return List.of();
    }
    Path home = copy(bench);
    StartedWorker.Launch launch = Rehearsal.launch(bench, home, "start", "0 3 1 1 *");
    launch.measure(Map.of()); // compiles the modules
    int rounds = Math.max(2, bench.scaled(ROUNDS));
    List<StartedWorker.Start> plain = starts(launch, rounds);
    Rehearsal.record(bench, home);
    List<StartedWorker.Start> cached = starts(launch, rounds);
    return List.of(
        Figure.of(
            "CPU from exec to ready, start-up cache",
            "s",
            cpu(cached),
            Goal.atMost(1.0, 0.5),
            wall(cached)),
        Figure.shown("the same without the cache", "s", cpu(plain), wall(plain)));
  }

  private static List<StartedWorker.Start> starts(StartedWorker.Launch launch, int rounds)
      throws IOException, InterruptedException {
    List<StartedWorker.Start> starts = new ArrayList<>();
    for (int i = 0; i < rounds; i++) {
      starts.add(launch.measure(Map.of()));
    }
    return starts;
  }

  private static Spread cpu(List<StartedWorker.Start> starts) {
    return Spread.of(starts.stream().mapToDouble(each -> each.cpuNanos() / 1e9).toArray());
  }

  private static String wall(List<StartedWorker.Start> starts) {
    Spread wall = Spread.of(starts.stream().mapToDouble(each -> each.wallNanos() / 1e9).toArray());
    return String.format(Locale.ROOT, "%.2f s by the clock", wall.median());
  }

  /** A copy of the distribution, whose own start-up cache stays as it is. */
  private static Path copy(Bench bench) throws IOException {
    Path copy = bench.directory().resolve("distribution");
    for (String part : new String[] {"bin", "lib"}) {
      Files.createDirectories(copy.resolve(part));
      try (Stream<Path> files = Files.list(bench.home().resolve(part))) {
        for (Path file : files.filter(each -> !Rehearsal.isCache(each)).toList()) {
          Files.copy(
              file,
              copy.resolve(part).resolve(file.getFileName().toString()),
              StandardCopyOption.COPY_ATTRIBUTES);
        }
      }
    }
    return copy;
  }
}
