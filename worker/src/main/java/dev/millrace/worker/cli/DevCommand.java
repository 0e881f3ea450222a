package dev.millrace.worker.cli;

import dev.millrace.worker.Worker;
import dev.millrace.worker.WorkerOptions;
import dev.millrace.worker.dev.DevBrokers;
import dev.millrace.worker.dev.Feeder;
import dev.millrace.worker.dev.FunctionWatcher;
import dev.millrace.worker.dev.LiveView;
import dev.millrace.worker.dispatch.Conservation;
import dev.millrace.worker.manifest.Manifest;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code millrace dev}: a worker with everything it needs beside it, and a live view. */
@Command(
    name = "dev",
    description = {
      "Runs the worker with real brokers beside it, for connections that nobody answers at.",
      "Sends the manifest's generated events, shows each attempt, and builds, tests and deploys a"
          + " function again when it changes. Ends with a summary."
    })
final class DevCommand implements Callable<Integer> {

  private static final Duration DRAIN_LIMIT = Duration.ofSeconds(10);

  @Spec private CommandSpec spec;

  @Mixin private ManifestArgument manifest = new ManifestArgument();

  @Option(
      names = "--for",
      paramLabel = "DURATION",
      description = "End by itself after this time, for example 30s. Default: until a signal.")
  private @Nullable Duration limit;

  @Override
  public Integer call() throws Exception {
    Signals signals = Signals.install();
    PrintWriter out = spec.commandLine().getOut();
    MissingModules.build(manifest.path(), spec.commandLine().getErr());
    Manifest loaded = ManifestLoader.loadWithTests(manifest.path());
    LiveView view = new LiveView(out, Ansi.AUTO.enabled(), InstantSource.system());
    try (DevBrokers brokers = brokers(loaded, view)) {
      Manifest adapted = withFreePort(brokers.applyTo(loaded), view);
      run(adapted, view, signals.asked(), out);
    }
    return ExitCodes.DONE;
  }

  private static DevBrokers brokers(Manifest manifest, LiveView view) {
    try {
      return DevBrokers.start(manifest, kafkaLibraries(), view::say);
    } catch (IOException | RuntimeException e) {
      throw new CommandException(ExitCodes.UNREACHABLE, String.valueOf(e.getMessage()));
    }
  }

  /** Whoever tries something out beside a running worker does not want to look for a port first. */
  private static Manifest withFreePort(Manifest manifest, LiveView view) {
    Manifest.Admin admin = manifest.admin();
    try (ServerSocket probe = new ServerSocket()) {
      probe.bind(new InetSocketAddress(admin.host(), admin.port()));
      return manifest;
    } catch (IOException e) {
      view.say("port " + admin.port() + " is taken; the admin server takes another");
      return manifest.withAdmin(new Manifest.Admin(admin.host(), 0, admin.enabled()));
    }
  }

  private static Path kafkaLibraries() {
    return Path.of(System.getProperty("millrace.home", "."), "brokers", "kafka");
  }

  private void run(
      Manifest manifest, LiveView view, CompletableFuture<String> asked, PrintWriter out)
      throws Exception {
    WorkerOptions options = WorkerOptions.DEFAULT.withDrainLimit(DRAIN_LIMIT).withListener(view);
    Worker worker = UpCommand.start(manifest, options);
    try (worker) {
      out.print(StartTable.of(worker));
      out.flush();
      try (FunctionWatcher watcher = UpCommand.watcher(worker, view::say);
          Feeder feeder = new Feeder(worker.publisher(), view::say)) {
        watcher.start();
        feeder.start(manifest.dev().events());
        await(worker, asked);
      }
    }
    Map<String, Conservation> accounts = new LinkedHashMap<>();
    for (String trigger : manifest.triggers().keySet()) {
      accounts.put(trigger, worker.conservation(trigger));
    }
    out.print(summary(accounts, view));
    out.flush();
  }

  private void await(Worker worker, CompletableFuture<String> asked) throws Exception {
    CompletableFuture<Object> end = CompletableFuture.anyOf(asked, worker.failure());
    if (limit != null) {
      end = end.completeOnTimeout("time is up", limit.toNanos(), TimeUnit.NANOSECONDS);
    }
    Object reason = end.get();
    if (worker.failure().isDone()) {
      throw new CommandException(ExitCodes.BUG, "the worker stopped: " + reason);
    }
  }

  private static String summary(Map<String, Conservation> accounts, LiveView view) {
    List<Map<String, Object>> rows = new ArrayList<>();
    accounts.forEach(
        (trigger, account) -> {
          Map<String, Object> row = new LinkedHashMap<>();
          row.put("trigger", trigger);
          row.put("received", account.received());
          row.put("succeeded", account.succeeded());
          row.put("retries", view.retries(trigger));
          row.put("dead-lettered", account.deadLettered());
          row.put("dropped", account.dropped().values().stream().mapToLong(n -> n).sum());
          row.put("released", account.released());
          row.put("pending", account.pending());
          rows.add(row);
        });
    boolean holds = accounts.values().stream().allMatch(Conservation::holds);
    return "\n"
        + TextTable.render(
            List.of(
                "trigger",
                "received",
                "succeeded",
                "retries",
                "dead-lettered",
                "dropped",
                "released",
                "pending"),
            rows)
        + (holds
            ? "every event is accounted for\n"
            : "NOT every event is accounted for; this is a bug of Millrace\n");
  }
}
