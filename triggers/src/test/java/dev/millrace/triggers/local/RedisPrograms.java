package dev.millrace.triggers.local;

import java.nio.file.Path;

/** Lets tests of other packages start Redis as they need it. */
public final class RedisPrograms {

  /** Above it, a cluster's second port would be none. */
  private static final int HIGHEST = 55_000;

  private RedisPrograms() {}

  /** A server program that runs here. */
  public static Path server() {
    return RedisBinary.path();
  }

  /** A free port of the loopback interface that a cluster's node can have. */
  public static int freePort() throws java.io.IOException {
    while (true) {
      int port = FreePorts.find(1)[0];
      if (port < HIGHEST) {
        return port;
      }
    }
  }
}
