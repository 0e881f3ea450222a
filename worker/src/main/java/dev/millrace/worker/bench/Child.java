package dev.millrace.worker.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Another JVM with the options of this one, for what must begin with nothing. */
final class Child {

  private Child() {}

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
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try {
      String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int code = process.waitFor();
      if (code != 0) {
        throw new IOException(main.getSimpleName() + " ended with " + code + ": " + printed);
      }
      return printed;
    } finally {
      process.destroyForcibly();
    }
  }
}
