package dev.millrace.worker.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Another JVM with the options of this one, for what must begin with nothing. */
public final class Child {

  private Child() {}

  /**
   * How a program ended.
   *
   * @param code its exit code
   * @param printed on its standard output
   */
  public record Ended(int code, String printed) {}

  /**
   * Runs a program to its end. Blocks. What it says on its standard error goes to that of this one.
   *
   * @return what it printed
   * @throws IOException if it cannot be started, or fails
   */
  static String run(Class<?> main, String... arguments) throws IOException, InterruptedException {
    return run(List.of(), main, arguments);
  }

  /** The same with options for the JVM that come after those of this one. */
  static String run(List<String> options, Class<?> main, String... arguments)
      throws IOException, InterruptedException {
    Ended ended = toEnd(options, main, List.of(arguments));
    if (ended.code() != 0) {
      throw new IOException(
          main.getSimpleName() + " ended with " + ended.code() + ": " + ended.printed());
    }
    return ended.printed();
  }

  /**
   * Runs a program to its end, however that is. Blocks, and sees an interrupt only once the program
   * prints no more.
   *
   * @param options for the JVM, after those of this one
   * @throws IOException if it cannot be started
   */
  public static Ended toEnd(List<String> options, Class<?> main, List<String> arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (!option.startsWith("-XX:AOT") && !option.startsWith("-agentlib")) {
        command.add(option);
      }
    }
    command.addAll(options);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(main.getName());
    command.addAll(arguments);
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try {
      String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Ended(process.waitFor(), printed);
    } finally {
      process.destroy();
    }
  }
}
