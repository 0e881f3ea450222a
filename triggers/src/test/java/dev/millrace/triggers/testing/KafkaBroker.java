package dev.millrace.triggers.testing;

import dev.millrace.triggers.local.LocalKafka;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import org.testcontainers.kafka.KafkaContainer;

/**
 * A real Kafka for tests: a container where a Docker engine answers, else a process. One is started
 * on first use and shared by all tests of the JVM, which use topics and groups of their own; it
 * ends with the JVM.
 *
 * <p>{@code MILLRACE_TEST_KAFKA_IMAGE} names another image, {@code -Dmillrace.docker.off=true} asks
 * for the process.
 */
public final class KafkaBroker {

  private static final String IMAGE = "apache/kafka:4.2.0";

  private KafkaBroker() {}

  private static final class Shared {
    static final String BOOTSTRAP = start();
  }

  /** Where the shared broker is reached: {@code host:port}. */
  public static String bootstrap() {
    return Shared.BOOTSTRAP;
  }

  /**
   * A broker of the test's own, as a process, to be killed and restarted by it. The caller closes
   * it.
   */
  public static LocalKafka killable(Map<String, String> overrides) {
    try {
      return LocalKafka.start(libraries(), overrides);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path libraries() {
    String directory = System.getProperty("millrace.kafka.broker.lib");
    if (directory == null) {
      throw new IllegalStateException(
          "-Dmillrace.kafka.broker.lib does not say where the jars of a Kafka server are;"
              + " the build sets it for integration tests");
    }
    return Path.of(directory);
  }

  @SuppressWarnings("SystemOut") // a person reading the build's output wants to know
  private static String start() {
    if (Docker.isAvailable()) {
      String image = System.getenv().getOrDefault("MILLRACE_TEST_KAFKA_IMAGE", IMAGE);
      KafkaContainer container = container(image);
      System.out.println("Kafka for tests: container " + image);
      return container.getBootstrapServers();
    }
    LocalKafka broker = killable(Map.of());
    System.out.println("Kafka for tests: process, log in " + broker.log());
    return broker.bootstrap();
  }

  private static KafkaContainer container(String image) {
    KafkaContainer container =
        new KafkaContainer(image)
            .withEnv("KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false")
            .withEnv("KAFKA_MESSAGE_MAX_BYTES", "16777216")
            .withEnv("KAFKA_GROUP_CONSUMER_MIN_HEARTBEAT_INTERVAL_MS", "500")
            .withEnv("KAFKA_GROUP_CONSUMER_HEARTBEAT_INTERVAL_MS", "500")
            .withEnv("KAFKA_GROUP_SHARE_MIN_HEARTBEAT_INTERVAL_MS", "500")
            .withEnv("KAFKA_GROUP_SHARE_HEARTBEAT_INTERVAL_MS", "500")
            .withEnv("KAFKA_GROUP_SHARE_MIN_RECORD_LOCK_DURATION_MS", "1000");
    try {
      container.start();
      return container;
    } catch (RuntimeException e) {
      container.close();
      throw e;
    }
  }
}
