package dev.millrace.worker.cli;

import dev.millrace.worker.store.StoreException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The entry point of the process. */
@Command(
    name = "millrace",
    description = "Runs WebAssembly functions on events.",
    versionProvider = VersionCommand.class,
    footer = {
      "",
      "Each option --some-option can also be given as the environment variable"
          + " MILLRACE_SOME_OPTION.",
      "Exit codes: 0 done, 1 a check failed, 2 usage, 3 manifest invalid, 4 broker or worker"
          + " unreachable, 5 not found, 6 refused, 70 a bug of Millrace."
    },
    subcommands = {
      NewCommand.class,
      AddCommand.class,
      UpCommand.class,
      DevCommand.class,
      BuildCommand.class,
      LintCommand.class,
      InspectCommand.class,
      TestCommand.class,
      InvokeCommand.class,
      BenchCommand.class,
      StatusCommand.class,
      CronCommand.class,
      DlqCommand.class,
      SchemaCommand.class,
      VersionCommand.class
    })
public final class Main {

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Show this help and exit.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Print the version and exit.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean version;

  private Main() {}

  /** Runs one command and exits the JVM with its exit code. */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    return new CommandLine(new Main())
        .setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8))
        .setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8))
        .setDefaultValueProvider(new EnvironmentDefaults(System.getenv()))
        .setCaseInsensitiveEnumValuesAllowed(true)
        .registerConverter(Duration.class, DurationConverter::parse)
        .setExecutionExceptionHandler((e, command, parsed) -> explain(e, command));
  }

  private static int explain(Exception e, CommandLine command) {
    PrintWriter err = command.getErr();
    if (e instanceof CommandException known) {
      err.println(known.getMessage());
      return known.exitCode();
    }
    if (e instanceof StoreException store) {
      err.println(store.getMessage());
      return store.isUnreachable() ? ExitCodes.UNREACHABLE : ExitCodes.REFUSED;
    }
    err.println("millrace failed in a way that it should not; please report this:");
    e.printStackTrace(err);
    return ExitCodes.BUG;
  }
}
