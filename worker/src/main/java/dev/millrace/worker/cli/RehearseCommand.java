package dev.millrace.worker.cli;

import dev.millrace.worker.bench.Bench;
import dev.millrace.worker.bench.Rehearsal;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * What {@code bin/millrace-aot} runs: writes the start-up cache of this distribution. It ends in
 * time, whatever happens; without a cache everything works as before, only slower.
 */
@Command(
    name = "rehearse",
    hidden = true,
    description = "Writes the start-up cache of this distribution; see bin/millrace-aot.")
final class RehearseCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Option(
      names = "--limit",
      paramLabel = "DURATION",
      defaultValue = "90s",
      description = "How long it may take. Default: ${DEFAULT-VALUE}.")
  private Duration limit = Duration.ofSeconds(90);

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter err = spec.commandLine().getErr();
    Path home = Path.of(System.getProperty("millrace.home", "."));
    CountDownLatch done = new CountDownLatch(1);
    Thread.ofPlatform().daemon().name("rehearsal-limit").start(() -> guard(done, home, err));
    Path parent = Path.of(System.getProperty("java.io.tmpdir"));
    try (Bench bench = new Bench(new Bench.Options(false, home), parent, line -> {})) {
      Rehearsal.record(bench, home);
      return ExitCodes.DONE;
    } catch (IOException | RuntimeException e) {
      err.println(failure(String.valueOf(e.getMessage())));
      return ExitCodes.CHECK_FAILED;
    } finally {
      done.countDown();
    }
  }

  /** Ends this process and those that it started if they are not done in time. */
  private void guard(CountDownLatch done, Path home, PrintWriter err) {
    try {
      if (done.await(limit.toNanos(), TimeUnit.NANOSECONDS)) {
        return;
      }
      err.println(failure("not done within " + limit.toSeconds() + " s"));
      ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly);
      Rehearsal.forget(home);
    } catch (IOException e) {
      err.println(e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().halt(ExitCodes.CHECK_FAILED);
  }

  /** One line, though a worker's whole log may be in the reason. */
  static String failure(String reason) {
    return "no start-up cache was written, so that starts take longer: "
        + reason.lines().findFirst().orElse("");
  }
}
