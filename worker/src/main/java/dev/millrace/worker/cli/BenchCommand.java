package dev.millrace.worker.cli;

import dev.millrace.worker.bench.Bench;
import dev.millrace.worker.bench.Benchmark;
import dev.millrace.worker.bench.Benchmarks;
import dev.millrace.worker.bench.Figure;
import dev.millrace.worker.bench.Goal;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code millrace bench}: how fast it is on this machine, beside what it is compared with. */
@Command(
    name = "bench",
    description = {
      "Measures Millrace on this machine, beside bare client loops and plain Chicory that do the same"
          + " work by turns, and prints one table. Brokers are started beside it.",
      "A ratio within one run is what to look at; the machine should have nothing else to do. All"
          + " benchmarks take about a quarter of an hour."
    },
    subcommands = BenchFunctionCommand.class)
final class BenchCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "BENCHMARK",
      arity = "0..*",
      description = "Which benchmarks to run; see --list. Default: all.")
  private List<String> names = List.of();

  @Option(names = "--list", description = "List the benchmarks and end.")
  private boolean list;

  @Option(
      names = "--quick",
      description = "A tenth of the work, to see that everything runs. Its figures mean little.")
  private boolean quick;

  @Option(
      names = "--directory",
      paramLabel = "DIRECTORY",
      description = "Where stores are kept meanwhile; a real disk. Default: ${DEFAULT-VALUE}.",
      defaultValue = "${sys:java.io.tmpdir}")
  private Path directory = Path.of(System.getProperty("java.io.tmpdir"));

  @Mixin private BenchTable table = new BenchTable();

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    if (list) {
      out.print(TextTable.render(List.of("benchmark", "description"), described()));
      out.flush();
      return ExitCodes.DONE;
    }
    boolean met = run(chosen());
    table.print();
    return met ? ExitCodes.DONE : ExitCodes.CHECK_FAILED;
  }

  private static List<Map<String, Object>> described() {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (Benchmark each : Benchmarks.all()) {
      rows.add(Map.of("benchmark", each.name(), "description", each.description()));
    }
    return rows;
  }

  private List<Benchmark> chosen() {
    Map<String, Benchmark> known = new LinkedHashMap<>();
    Benchmarks.all().forEach(each -> known.put(each.name(), each));
    for (String name : names) {
      if (!known.containsKey(name)) {
        throw new ParameterException(
            spec.commandLine(),
            "no benchmark named '"
                + name
                + "'; there are "
                + known.keySet().stream().collect(Collectors.joining(", ")));
      }
    }
    return known.values().stream()
        .filter(each -> names.isEmpty() || names.contains(each.name()))
        .toList();
  }

  private boolean run(List<Benchmark> chosen) throws Exception {
    PrintWriter err = spec.commandLine().getErr();
    Path home = Path.of(System.getProperty("millrace.home", "."));
    boolean met = true;
    try (Bench bench = bench(home, err)) {
      for (Benchmark each : chosen) {
        bench.say(each.name() + ": " + each.description());
        met &= run(each, bench);
      }
    }
    return met;
  }

  /** Takes in what one benchmark measures; what fails does not cost the others their figures. */
  private boolean run(Benchmark benchmark, Bench bench) throws InterruptedException {
    boolean met = true;
    try {
      for (Figure figure : benchmark.run(bench)) {
        table.add(benchmark.name(), figure);
        met &= figure.verdict().filter(Goal.Verdict.MISSED::equals).isEmpty();
      }
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      bench.say(benchmark.name() + " could not be measured: " + e);
      return false;
    }
    return met;
  }

  private Bench bench(Path home, PrintWriter err) throws IOException {
    return new Bench(
        new Bench.Options(quick, home),
        directory,
        line -> {
          err.println(line);
          err.flush();
        });
  }
}
