package dev.millrace.worker.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What a function costs that is deployed and has had nothing to do for long: memory. */
final class FunctionsBenchmark implements Benchmark {

  private static final String ORDER =
      "{\"id\": \"o-1\", \"amount\": 2599, \"currency\": \"EUR\", \"items\": [\"book\"]}";

  private static final int FUNCTIONS = 990;

  /** Modules of 134 KB are compiled first, each in some 50 ms. */
  private static final int LARGE_MODULES = 500;

  /** A heap that is resident from the beginning. */
  private static final List<String> HEAP = List.of("-Xms256m", "-Xmx256m", "-XX:+AlwaysPreTouch");

  private static final double KIBI = 1024;
  private static final Goal GOAL = Goal.atMost(300, 100);

  @Override
  public String name() {
    return "functions";
  }

  @Override
  public String description() {
    return "The memory of a function that is deployed and idle, beside ten that are busy.";
  }

  @Override
  public List<Figure> run(Bench bench) throws Exception {
    List<Figure> figures = new ArrayList<>();
    figures.add(
        figure(bench, "names of one Rust module", Bench.ORDERS, bench.scaled(FUNCTIONS), "same"));
    figures.add(
        figure(bench, "distinct tiny modules", Bench.TINY, bench.scaled(FUNCTIONS), "distinct"));
    figures.add(
        figure(
            bench,
            "distinct Rust modules of 134 KB",
            Bench.ORDERS,
            bench.scaled(LARGE_MODULES),
            "distinct"));
    return figures;
  }

  private static Figure figure(Bench bench, String what, String guest, int count, String bytes)
      throws IOException, InterruptedException {
    Path directory = Files.createDirectories(bench.directory().resolve("idle-" + what.hashCode()));
    String printed =
        Child.run(
            HEAP,
            IdleFunctions.class,
            bench.guest(guest).toString(),
            directory.toString(),
            ORDER,
            Integer.toString(count),
            bytes);
    double each = Long.parseLong(printed.strip()) / KIBI / count;
    return Figure.of(
        "memory of an idle function: " + what,
        "KiB",
        Spread.of(each),
        GOAL,
        count + " idle, 10 busy");
  }
}
