package dev.millrace.triggers.testing;

import org.testcontainers.DockerClientFactory;

/**
 * Whether a Docker engine answers. Where none does, the brokers of the tests run as processes of
 * this machine, and no test is skipped.
 */
public final class Docker {

  private static final boolean AVAILABLE = probe();

  private Docker() {}

  /** Whether an engine answers; asked once in a JVM. */
  public static boolean isAvailable() {
    return AVAILABLE;
  }

  private static boolean probe() {
    if (Boolean.getBoolean("millrace.docker.off")) {
      return false;
    }
    try {
      return DockerClientFactory.instance().isDockerAvailable();
    } catch (RuntimeException e) {
      return false;
    }
  }
}
