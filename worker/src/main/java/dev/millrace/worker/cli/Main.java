package dev.millrace.worker.cli;

import dev.millrace.worker.store.StoreException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
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
    })
public final class Main {

  /** The commands in the order in which the help lists them. */
  private static final Map<String, Class<?>> COMMANDS = commands();

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
    System.exit(commandLine(args).execute(args));
  }

  /** All commands. */
  static CommandLine commandLine() {
    return commandLine(COMMANDS);
  }

  /**
   * The one command that is asked for: to look at all of them takes longer than most of them run.
   */
  static CommandLine commandLine(String... args) {
    Class<?> asked = args.length == 0 ? null : COMMANDS.get(args[0]);
    return asked == null ? commandLine() : commandLine(Map.of(args[0], asked));
  }

  private static CommandLine commandLine(Map<String, Class<?>> commands) {
    CommandLine root = new CommandLine(new Main());
    commands.forEach(root::addSubcommand);
    return root.setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8))
        .setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8))
        .setDefaultValueProvider(new EnvironmentDefaults(System.getenv()))
        .setCaseInsensitiveEnumValuesAllowed(true)
        .registerConverter(Duration.class, DurationConverter::parse)
        .setExecutionExceptionHandler((e, command, parsed) -> explain(e, command));
  }

  private static Map<String, Class<?>> commands() {
    Map<String, Class<?>> commands = new LinkedHashMap<>();
    commands.put("new", NewCommand.class);
    commands.put("add", AddCommand.class);
    commands.put("up", UpCommand.class);
    commands.put("dev", DevCommand.class);
    commands.put("build", BuildCommand.class);
    commands.put("lint", LintCommand.class);
    commands.put("inspect", InspectCommand.class);
    commands.put("test", TestCommand.class);
    commands.put("invoke", InvokeCommand.class);
    commands.put("status", StatusCommand.class);
    commands.put("cron", CronCommand.class);
    commands.put("dlq", DlqCommand.class);
    commands.put("bench", BenchCommand.class);
    commands.put("rehearse", RehearseCommand.class);
    commands.put("schema", SchemaCommand.class);
    commands.put("version", VersionCommand.class);
    return commands;
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
