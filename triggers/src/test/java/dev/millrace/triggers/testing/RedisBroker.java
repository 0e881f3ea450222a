package dev.millrace.triggers.testing;

import dev.millrace.triggers.local.LocalRedis;
import java.net.URI;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * A real Redis for tests: a container where a Docker engine answers, else a process. One is started
 * on first use and shared by all tests of the JVM, which use channels and streams of their own; it
 * ends with the JVM.
 *
 * <p>{@code MILLRACE_TEST_REDIS_IMAGE} names another image, {@code -Dmillrace.docker.off=true} asks
 * for the process.
 */
public final class RedisBroker {

  private static final String IMAGE = "redis:7-alpine";

  private RedisBroker() {}

  private static final class Shared {
    static final URI URL = start();
  }

  /** Where the shared server is reached. */
  public static URI url() {
    return Shared.URL;
  }

  /**
   * A server of the test's own, as a process, to be killed and restarted by it. The caller closes
   * it.
   */
  public static LocalRedis killable(LocalRedis.Options options) {
    return LocalRedis.start(options);
  }

  @SuppressWarnings("SystemOut") // a person reading the build's output wants to know
  private static URI start() {
    if (Docker.isAvailable()) {
      String image = System.getenv().getOrDefault("MILLRACE_TEST_REDIS_IMAGE", IMAGE);
      GenericContainer<?> container = container(image);
      System.out.println("Redis for tests: container " + image);
      return URI.create("redis://" + container.getHost() + ":" + container.getMappedPort(6379));
    }
    LocalRedis redis = LocalRedis.start();
    System.out.println("Redis for tests: process on port " + redis.port());
    return redis.url();
  }

  private static GenericContainer<?> container(String image) {
    GenericContainer<?> container =
        new GenericContainer<>(DockerImageName.parse(image)).withExposedPorts(6379);
    try {
      container.start();
      return container;
    } catch (RuntimeException e) {
      container.close();
      throw e;
    }
  }
}
