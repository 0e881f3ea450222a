package dev.millrace.worker.build;

import dev.millrace.worker.manifest.BuildSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/**
 * Runs build commands, several at once. A command that several functions have in one directory runs
 * once for all of them.
 */
public final class Builds {

  /**
   * How the build of one function went.
   *
   * @param exitCode what the command ended with; 0 is success
   * @param advice what is probably missing, one sentence each; empty after success
   */
  public record Result(BuildSpec build, int exitCode, Duration duration, List<String> advice) {

    public Result {
      advice = List.copyOf(advice);
    }

    public boolean succeeded() {
      return exitCode == 0;
    }
  }

  private record Work(String command, Path directory) {}

  private final Consumer<String> lines;
  private final int atOnce;

  /**
   * @param lines takes each line that a command writes, after its function's name; several threads
   *     call it
   * @param atOnce how many commands run at the same time, at least 1
   */
  public Builds(Consumer<String> lines, int atOnce) {
    this.lines = lines;
    this.atOnce = atOnce;
  }

  /**
   * Runs the builds. Blocks until all have ended, however long they take.
   *
   * @return a result for each build, in their order
   * @throws InterruptedException if the thread is interrupted; the commands are then ended
   */
  public List<Result> run(Collection<BuildSpec> builds) throws InterruptedException {
    Map<Work, List<BuildSpec>> works = new LinkedHashMap<>();
    for (BuildSpec build : builds) {
      works
          .computeIfAbsent(new Work(build.command(), build.directory()), work -> new ArrayList<>())
          .add(build);
    }
    ExecutorService executor =
        Executors.newFixedThreadPool(atOnce, Thread.ofPlatform().name("build-", 1).factory());
    try {
      Map<Work, Future<BuildProcess.End>> running = new LinkedHashMap<>();
      works.forEach((work, same) -> running.put(work, executor.submit(() -> process(work, same))));
      Map<Work, BuildProcess.End> ends = new LinkedHashMap<>();
      for (Map.Entry<Work, Future<BuildProcess.End>> each : running.entrySet()) {
        ends.put(each.getKey(), each.getValue().get());
      }
      return results(works, ends, builds);
    } catch (ExecutionException e) {
      throw new IllegalStateException("a build failed in a way that it should not", e.getCause());
    } finally {
      executor.shutdownNow();
    }
  }

  private BuildProcess.End process(Work work, List<BuildSpec> same) throws InterruptedException {
    String name = String.join(", ", same.stream().map(BuildSpec::function).toList());
    return BuildProcess.run(
        work.command(), work.directory(), line -> lines.accept(name + " | " + line));
  }

  private static List<Result> results(
      Map<Work, List<BuildSpec>> works,
      Map<Work, BuildProcess.End> ends,
      Collection<BuildSpec> order) {
    Map<BuildSpec, Result> results = new LinkedHashMap<>();
    ends.forEach(
        (work, end) -> {
          List<String> advice = end.exitCode() == 0 ? List.of() : Toolchains.advice(end.output());
          for (BuildSpec build : works.getOrDefault(work, List.of())) {
            results.put(build, new Result(build, end.exitCode(), end.duration(), advice));
          }
        });
    return order.stream().map(results::get).toList();
  }
}
