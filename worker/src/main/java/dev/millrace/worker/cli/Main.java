package dev.millrace.worker.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The entry point of the process. */
@Command(
    name = "millrace",
    description = "Runs WebAssembly functions on events.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionCommand.class,
    subcommands = VersionCommand.class)
public final class Main {

  private Main() {}

  /** Runs one command and exits the JVM with its exit code. */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    return new CommandLine(new Main())
        .setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8))
        .setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8));
  }
}
