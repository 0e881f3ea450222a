package dev.millrace.worker.dev;

import dev.millrace.triggers.kafka.KafkaConnection;
import dev.millrace.triggers.local.LocalKafka;
import dev.millrace.triggers.local.LocalRedis;
import dev.millrace.triggers.redis.RedisConnection;
import dev.millrace.worker.manifest.Connection;
import dev.millrace.worker.manifest.Manifest;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Real brokers beside a worker, for those connections of its manifest that nobody answers at: one
 * Kafka and one Redis, with their data in a temporary directory. They end with this object, and
 * with the process.
 */
public final class DevBrokers implements AutoCloseable {

  private static final int PROBE_MILLIS = 500;

  /** Nobody is there to create the topics that a manifest names. */
  private static final Map<String, String> KAFKA_PROPERTIES =
      Map.of("auto.create.topics.enable", "true", "num.partitions", "2");

  private final Path kafkaLibraries;
  private final Consumer<String> progress;
  private final ArrayDeque<AutoCloseable> started = new ArrayDeque<>();
  private final Map<String, Connection> connections = new LinkedHashMap<>();

  private DevBrokers(Path kafkaLibraries, Consumer<String> progress) {
    this.kafkaLibraries = kafkaLibraries;
    this.progress = progress;
  }

  /**
   * Starts what is missing. Blocks until the brokers answer.
   *
   * @param kafkaLibraries the jars of a Kafka server
   * @param progress takes a line for each broker that is found or started
   * @throws IOException if a broker does not start
   */
  public static DevBrokers start(Manifest manifest, Path kafkaLibraries, Consumer<String> progress)
      throws IOException {
    DevBrokers brokers = new DevBrokers(kafkaLibraries, progress);
    try {
      for (Map.Entry<String, Connection> entry : manifest.connections().entrySet()) {
        brokers.connections.put(entry.getKey(), brokers.provide(entry.getKey(), entry.getValue()));
      }
      return brokers;
    } catch (IOException | RuntimeException e) {
      brokers.close();
      throw e;
    }
  }

  /** The manifest with the connections that work. */
  public Manifest applyTo(Manifest manifest) {
    return manifest.withConnections(connections);
  }

  private Connection provide(String name, Connection connection) throws IOException {
    return switch (connection) {
      case Connection.Kafka kafka -> kafka(name, kafka);
      case Connection.Redis redis -> redis(name, redis);
    };
  }

  private Connection kafka(String name, Connection.Kafka given) throws IOException {
    for (String server : given.kafka().bootstrap().split(",", -1)) {
      int colon = server.lastIndexOf(':');
      if (colon > 0 && answers(server.substring(0, colon), port(server.substring(colon + 1)))) {
        progress.accept("connection '" + name + "': Kafka answers at " + server);
        return given;
      }
    }
    LocalKafka kafka = null;
    for (AutoCloseable broker : started) {
      kafka = broker instanceof LocalKafka running ? running : kafka;
    }
    if (kafka == null) {
      progress.accept(
          "connection '"
              + name
              + "': nobody answers at "
              + given.kafka().bootstrap()
              + "; starting a Kafka, which takes some seconds");
      kafka = LocalKafka.start(kafkaLibraries, KAFKA_PROPERTIES);
      started.push(kafka);
    }
    progress.accept("connection '" + name + "': Kafka at " + kafka.bootstrap());
    return new Connection.Kafka(new KafkaConnection(kafka.bootstrap(), Map.of()));
  }

  private Connection redis(String name, Connection.Redis given) {
    for (InetSocketAddress server : given.redis().servers()) {
      if (answers(server.getHostString(), server.getPort())) {
        progress.accept("connection '" + name + "': Redis answers at " + server.getHostString());
        return given;
      }
    }
    LocalRedis redis = null;
    for (AutoCloseable broker : started) {
      redis = broker instanceof LocalRedis running ? running : redis;
    }
    if (redis == null) {
      redis = LocalRedis.start();
      started.push(redis);
    }
    progress.accept("connection '" + name + "': started a Redis at " + redis.url());
    return new Connection.Redis(new RedisConnection(redis.url()));
  }

  private static int port(String text) {
    try {
      return Integer.parseInt(text.trim());
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  private static boolean answers(String host, int port) {
    if (host == null || port < 1 || port > 65535) {
      return false;
    }
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(host.trim(), port), PROBE_MILLIS);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void close() {
    while (!started.isEmpty()) {
      try {
        started.pop().close();
      } catch (Exception e) {
        progress.accept("a broker did not stop: " + e.getMessage());
      }
    }
  }
}
