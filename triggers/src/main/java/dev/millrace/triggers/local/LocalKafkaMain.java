package dev.millrace.triggers.local;

import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Runs inside the JVM of a {@link LocalKafka}, on the broker's class path: formats the data
 * directory if that was not done yet, then runs the broker.
 *
 * <p>Kafka's server is not on the class path of this project's build, so its two entry points are
 * called by name. Formatting here, and not in a JVM of its own, saves two seconds of each start.
 *
 * <p>The broker ends when its standard input does: the parent holds the other end of that pipe, so
 * that a parent killed with {@code kill -9} leaves neither a broker nor, as far as possible, its
 * data behind.
 */
final class LocalKafkaMain {

  private static final int REMOVALS = 50;

  private LocalKafkaMain() {}

  /**
   * Arguments: the server's configuration file and the cluster's id.
   *
   * @throws ReflectiveOperationException if the class path holds no Kafka server, or another one
   */
  @SuppressWarnings("SystemOut") // the broker's standard output is its log file
  public static void main(String[] arguments) throws ReflectiveOperationException {
    String configuration = arguments[0];
    String clusterId = arguments[1];
    endWithStandardInput(Path.of(configuration).getParent());
    Object formatted =
        call(
            "kafka.tools.StorageTool",
            "execute",
            new Class<?>[] {String[].class, PrintStream.class},
            new String[] {"format", "-g", "-t", clusterId, "-c", configuration},
            System.out);
    if (!Integer.valueOf(0).equals(formatted)) {
      System.err.println("formatting the data directory ended with exit code " + formatted);
      System.exit(1);
    }
    call(
        "kafka.Kafka",
        "main",
        new Class<?>[] {String[].class},
        (Object) new String[] {configuration});
  }

  private static Object call(String type, String method, Class<?>[] parameters, Object... arguments)
      throws ReflectiveOperationException {
    try {
      return Class.forName(type).getMethod(method, parameters).invoke(null, arguments);
    } catch (InvocationTargetException e) {
      throw new IllegalStateException(
          type + "." + method + Arrays.toString(arguments) + " failed", e.getCause());
    }
  }

  private static void endWithStandardInput(Path data) {
    Thread watch =
        new Thread(
            () -> {
              try {
                while (System.in.read() >= 0) {
                  // the parent sends nothing; the end of the stream is the message
                }
              } catch (IOException e) {
                // a broken pipe means the same
              }
              end(data);
            },
            "parent-watch");
    watch.setDaemon(true);
    watch.start();
  }

  private static void end(Path data) {
    try {
      for (int attempt = 0; attempt < REMOVALS && Files.exists(data); attempt++) {
        remove(data);
      }
    } finally {
      Runtime.getRuntime().halt(143);
    }
  }

  private static void remove(Path data) {
    try {
      DataDirectory.remove(data);
    } catch (IOException e) {
      // the broker wrote meanwhile; once more
    }
  }
}
