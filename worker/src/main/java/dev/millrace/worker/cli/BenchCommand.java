package dev.millrace.worker.cli;

import dev.millrace.worker.bench.Bench;
import dev.millrace.worker.bench.Benchmark;
import dev.millrace.worker.bench.Benchmarks;
import dev.millrace.worker.bench.Child;
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
          + " work by turns, and prints one table. Brokers are started beside it, and each benchmark has a JVM of its own.",
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
    List<Benchmark> chosen = chosen();
    boolean met = chosen.size() == 1 ? run(chosen.getFirst()) : runApart(chosen);
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

  /** Each in a JVM of its own, so that none meets what others left of code and heap. */
  private boolean runApart(List<Benchmark> chosen) throws Exception {
    PrintWriter err = spec.commandLine().getErr();
    boolean met = true;
    for (Benchmark each : chosen) {
      List<String> arguments =
          new ArrayList<>(
              List.of("bench", each.name(), "--directory", directory.toString(), "-o", "jsonl"));
      if (quick) {
        arguments.add("--quick");
      }
      Child.Ended ended = Child.toEnd(List.of(), Main.class, arguments);
      ended.printed().lines().map(FigureRow::parse).forEach(table::add);
      met &= ended.code() == ExitCodes.DONE;
      if (ended.code() != ExitCodes.DONE && ended.code() != ExitCodes.CHECK_FAILED) {
        err.println(each.name() + " was not measured: its process ended with " + ended.code());
        err.flush();
      }
    }
    return met;
  }

  private boolean run(Benchmark chosen) throws Exception {
    Path home = Path.of(System.getProperty("millrace.home", "."));
    try (Bench bench = bench(home, spec.commandLine().getErr())) {
      bench.say(chosen.name() + ": " + chosen.description());
      return run(chosen, bench);
    }
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
