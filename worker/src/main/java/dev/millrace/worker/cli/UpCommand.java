package dev.millrace.worker.cli;

import dev.millrace.worker.StartException;
import dev.millrace.worker.Worker;
import dev.millrace.worker.WorkerOptions;
import dev.millrace.worker.admin.ListenAddress;
import dev.millrace.worker.dev.FunctionWatcher;
import dev.millrace.worker.dispatch.DispatchListener;
import dev.millrace.worker.manifest.Manifest;
import dev.millrace.worker.store.StoreException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code millrace up}: runs a manifest until a signal ends it. */
@Command(
    name = "up",
    description = {
      "Runs the worker until SIGINT or SIGTERM.",
      "The first signal drains: no new events, running ones end, positions are committed, exit 0."
          + " A second signal ends at once and loses nothing."
    })
final class UpCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Mixin private ManifestArgument manifest = new ManifestArgument();

  @Option(
      names = "--fail-fast",
      description = "End with exit code 4 if a broker cannot be reached within 30 s of the start.")
  private boolean failFast;

  @Option(
      names = "--drain-limit",
      paramLabel = "DURATION",
      defaultValue = "25s",
      description =
          "How long a shutdown waits for running events before it releases them. Default:"
              + " ${DEFAULT-VALUE}.")
  private Duration drainLimit = Duration.ofSeconds(25);

  @Option(
      names = "--state",
      paramLabel = "DIRECTORY",
      description = "Keep the state here, instead of where the manifest's store says.")
  private @Nullable Path state;

  @Option(
      names = "--listen",
      paramLabel = "HOST:PORT",
      description = "Where the admin server listens, instead of the manifest's admin.listen.")
  private @Nullable String listen;

  @Option(
      names = "--watch",
      description = {
        "Build a function again when what its build.watch names changes, and make its module live"
            + " when that changes, if it can be deployed and passes the function's tests."
      })
  private boolean watch;

  @Override
  public Integer call() throws Exception {
    Signals signals = Signals.install();
    PrintWriter err = spec.commandLine().getErr();
    if (watch) {
      MissingModules.build(manifest.path(), err);
    }
    Manifest loaded = overridden(ManifestLoader.load(manifest.path(), err, stateFile(), watch));
    WorkerOptions options = new WorkerOptions(Optional.empty(), drainLimit, DispatchListener.NONE);
    try (Worker worker = start(loaded, options)) {
      err.print(StartTable.of(worker));
      err.flush();
      if (failFast) {
        FailFast.requireConnected(worker, Duration.ofSeconds(30), signals.asked());
      }
      if (watch) {
        try (FunctionWatcher watcher = watcher(worker, err::println)) {
          watcher.start();
          await(worker, signals);
        }
      } else {
        await(worker, signals);
      }
    }
    return ExitCodes.DONE;
  }

  private static void await(Worker worker, Signals signals) throws Exception {
    Object end = CompletableFuture.anyOf(signals.asked(), worker.failure()).get();
    if (!signals.asked().isDone()) {
      throw new CommandException(ExitCodes.BUG, "the worker stopped: " + end);
    }
  }

  /** Watches the functions of a worker, whose manifest was read with its tests. */
  static FunctionWatcher watcher(Worker worker, Consumer<String> progress) {
    return new FunctionWatcher(
        worker.manifest(),
        worker.functions(),
        CommandEngine.options(worker.manifest()),
        FunctionWatcher.EVERY,
        progress);
  }

  private Optional<Path> stateFile() {
    return Optional.ofNullable(state)
        .map(directory -> directory.toAbsolutePath().resolve("store.db"));
  }

  private Manifest overridden(Manifest given) {
    Manifest result = given;
    if (stateFile().isPresent()) {
      result = result.withStore(given.store().at(stateFile().get()));
    }
    if (listen != null) {
      ListenAddress address = address(listen);
      result = result.withAdmin(new Manifest.Admin(address.host(), address.port(), true));
    }
    return result;
  }

  private ListenAddress address(String text) {
    try {
      return ListenAddress.parse(text);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--listen: " + e.getMessage(), e);
    }
  }

  /** Starts a worker, or says why not in a command's terms. */
  static Worker start(Manifest manifest, WorkerOptions options) {
    try {
      Worker worker = Worker.start(manifest, options);
      Thread.setDefaultUncaughtExceptionHandler(worker.threadDeaths());
      return worker;
    } catch (StartException e) {
      boolean away = e.getCause() instanceof StoreException store && store.isUnreachable();
      throw new CommandException(
          away ? ExitCodes.UNREACHABLE : ExitCodes.REFUSED, String.valueOf(e.getMessage()));
    }
  }
}
