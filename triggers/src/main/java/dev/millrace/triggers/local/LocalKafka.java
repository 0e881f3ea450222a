package dev.millrace.triggers.local;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A real Kafka broker in a JVM of its own, for {@code millrace dev} and for tests where no Docker
 * engine answers.
 *
 * <p>One node that is broker and controller (KRaft), on free ports of the loopback interface, with
 * its data in a temporary directory that {@link #close} removes. It ends with this JVM, however
 * this JVM ends. Topics are not created by themselves unless an override says so.
 *
 * <p>Its methods block and are meant for one thread at a time.
 */
public final class LocalKafka implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(LocalKafka.class);

  private static final Duration START_LIMIT = Duration.ofMinutes(3);
  private static final Duration END_LIMIT = Duration.ofSeconds(30);
  private static final String CLUSTER_ID = "TWlsbHJhY2VMb2NhbEthZg";

  private final Path libraries;
  private final Path directory;
  private final int port;
  private final Thread atExit = new Thread(this::destroy, "local-kafka-exit");
  private Process process;

  private LocalKafka(Path libraries, Path directory, int port) throws IOException {
    this.libraries = libraries;
    this.directory = directory;
    this.port = port;
    this.process = launch();
  }

  /**
   * Starts a broker and waits until it answers.
   *
   * @param libraries the directory with the jars of a Kafka server
   * @throws IOException if it does not answer in time; the message ends with the tail of its log
   */
  public static LocalKafka start(Path libraries) throws IOException {
    return start(libraries, Map.of());
  }

  /**
   * Starts a broker with further server properties, which win over the ones chosen here, and waits
   * until it answers.
   *
   * @param libraries the directory with the jars of a Kafka server
   * @param overrides server properties; in their values <code>{port}</code> and <code>
   *     {controllerPort}</code> stand for the ports that were chosen
   * @throws IOException if it does not answer in time; the message ends with the tail of its log
   */
  public static LocalKafka start(Path libraries, Map<String, String> overrides) throws IOException {
    requireLibraries(libraries);
    Path directory = Files.createTempDirectory("millrace-kafka-");
    int[] ports = FreePorts.find(2);
    writeConfiguration(directory, ports[0], ports[1], overrides);
    LocalKafka kafka = new LocalKafka(libraries, directory, ports[0]);
    Runtime.getRuntime().addShutdownHook(kafka.atExit);
    try {
      kafka.awaitReady();
    } catch (IOException e) {
      kafka.close();
      throw e;
    }
    return kafka;
  }

  /** Where clients connect: {@code host:port}. The same after {@link #restart}. */
  public String bootstrap() {
    return FreePorts.LOOPBACK + ":" + port;
  }

  /** The broker's log. */
  public Path log() {
    return directory.resolve("broker.log");
  }

  /** Whether the broker's process runs. */
  public boolean isRunning() {
    return process.isAlive();
  }

  /** Ends the broker as {@code kill -9} does, and returns when it is gone. */
  public void kill() {
    process.destroyForcibly();
    awaitEnd();
  }

  /**
   * Starts the broker again after {@link #kill}, on the same port and data, and waits until it
   * answers. Kills it first if it runs.
   *
   * @throws IOException if it does not answer in time; the message ends with the tail of its log
   */
  public void restart() throws IOException {
    kill();
    process = launch();
    awaitReady();
  }

  /** Ends the broker and removes its data. Does nothing the second time. */
  @Override
  public void close() {
    kill();
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) {
      LOG.debug("the JVM is ending already", e);
    }
    deleteData();
  }

  private void destroy() {
    process.destroyForcibly();
    awaitEnd();
    deleteData();
  }

  private void awaitEnd() {
    boolean interrupted = false;
    long end = System.nanoTime() + END_LIMIT.toNanos();
    while (process.isAlive() && System.nanoTime() < end) {
      try {
        Thread.sleep(10);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void deleteData() {
    try {
      DataDirectory.remove(directory);
    } catch (IOException e) {
      LOG.atWarn()
          .addKeyValue("directory", directory)
          .setCause(e)
          .log("the data of the local Kafka broker is left behind");
    }
  }

  private Process launch() throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx512m",
            "-Xshare:auto",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Djava.awt.headless=true",
            "-Dorg.slf4j.simpleLogger.logFile=System.out",
            "-Dorg.slf4j.simpleLogger.showDateTime=true",
            "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS",
            "-cp",
            ownClasses() + java.io.File.pathSeparator + libraries.resolve("*"),
            LocalKafkaMain.class.getName(),
            directory.resolve("server.properties").toString(),
            CLUSTER_ID));
    Process started =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
            .start();
    LOG.atInfo()
        .addKeyValue("bootstrap", bootstrap())
        .addKeyValue("log", log())
        .addKeyValue("pid", started.pid())
        .log("starting a local Kafka broker");
    return started;
  }

  private void awaitReady() throws IOException {
    long started = System.nanoTime();
    long end = started + START_LIMIT.toNanos();
    while (!KafkaGreeting.isAnswered(FreePorts.LOOPBACK, port)) {
      if (!process.isAlive()) {
        throw new IOException(
            "the local Kafka broker ended with exit code " + process.exitValue() + logTail());
      }
      if (System.nanoTime() > end) {
        throw new IOException(
            "the local Kafka broker did not answer on "
                + bootstrap()
                + " within "
                + START_LIMIT.toSeconds()
                + " s"
                + logTail());
      }
      try {
        Thread.sleep(50);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted while the local Kafka broker started", e);
      }
    }
    LOG.atInfo()
        .addKeyValue("bootstrap", bootstrap())
        .addKeyValue("millis", (System.nanoTime() - started) / 1_000_000)
        .log("the local Kafka broker is ready");
  }

  private String logTail() {
    try {
      List<String> lines = Files.readAllLines(log());
      return lines.subList(Math.max(0, lines.size() - 20), lines.size()).stream()
          .collect(Collectors.joining("\n  ", "; the end of its log is\n  ", ""));
    } catch (IOException e) {
      return "; its log " + log() + " cannot be read: " + e;
    }
  }

  private static void requireLibraries(Path libraries) throws IOException {
    if (!Files.isDirectory(libraries)) {
      throw new IOException(
          "no Kafka server in "
              + libraries
              + ": there is no such directory; the build of triggers/kafka-broker fills it");
    }
  }

  private static String ownClasses() throws IOException {
    try {
      return Path.of(
              LocalKafkaMain.class.getProtectionDomain().getCodeSource().getLocation().toURI())
          .toString();
    } catch (URISyntaxException e) {
      throw new IOException("the place of this program's own classes is not a path", e);
    }
  }

  private static void writeConfiguration(
      Path directory, int port, int controllerPort, Map<String, String> overrides)
      throws IOException {
    String broker = "PLAINTEXT://" + FreePorts.LOOPBACK + ":" + port;
    String controller = FreePorts.LOOPBACK + ":" + controllerPort;
    Map<String, String> properties = new TreeMap<>();
    properties.put("process.roles", "broker,controller");
    properties.put("node.id", "1");
    properties.put("controller.quorum.voters", "1@" + controller);
    properties.put("listeners", broker + ",CONTROLLER://" + controller);
    properties.put("advertised.listeners", broker);
    properties.put("controller.listener.names", "CONTROLLER");
    properties.put("inter.broker.listener.name", "PLAINTEXT");
    // A properties file takes a backslash for an escape: Windows paths are written with slashes.
    properties.put("log.dirs", directory.resolve("data").toString().replace('\\', '/'));
    properties.put("auto.create.topics.enable", "false");
    properties.put("message.max.bytes", "16777216");
    properties.put("group.initial.rebalance.delay.ms", "0");
    // The defaults of 5 s and 45 s are made for large clusters; here somebody is waiting.
    properties.put("group.consumer.min.heartbeat.interval.ms", "500");
    properties.put("group.consumer.heartbeat.interval.ms", "500");
    properties.put("group.consumer.min.session.timeout.ms", "6000");
    properties.put("group.consumer.session.timeout.ms", "10000");
    properties.put("group.share.min.heartbeat.interval.ms", "500");
    properties.put("group.share.heartbeat.interval.ms", "500");
    properties.put("group.share.min.record.lock.duration.ms", "1000");
    // A killed broker may come back only after its old registration ran out.
    properties.put("broker.heartbeat.interval.ms", "500");
    properties.put("broker.session.timeout.ms", "6000");
    // One node holds one replica of everything, and has no use for 50 partitions of each state.
    for (String topic :
        List.of("offsets.topic", "transaction.state.log", "share.coordinator.state.topic")) {
      properties.put(topic + ".replication.factor", "1");
      properties.put(topic + ".num.partitions", "1");
    }
    properties.put("transaction.state.log.min.isr", "1");
    properties.put("share.coordinator.state.topic.min.isr", "1");
    overrides.forEach(
        (name, value) ->
            properties.put(
                name,
                value
                    .replace("{port}", Integer.toString(port))
                    .replace("{controllerPort}", Integer.toString(controllerPort))));
    Files.write(
        directory.resolve("server.properties"),
        properties.entrySet().stream()
            .map(property -> property.getKey() + "=" + property.getValue())
            .toList());
  }
}
