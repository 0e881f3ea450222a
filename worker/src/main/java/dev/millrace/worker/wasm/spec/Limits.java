package dev.millrace.worker.wasm.spec;

import java.time.Duration;

/**
 * What one invocation may use.
 *
 * @param timeout from the call to its return, start-up of the guest included; default 30 s
 * @param memoryBytes of linear memory, all memories together, a multiple of 64 KiB; default 64 MiB
 * @param inputBytes of event data; default 1 MiB
 * @param outputBytes of reply and publishes together; default 1 MiB
 * @param logBytes of log lines; what exceeds it is cut off and counted; default 64 KiB
 * @param maxDuration the most that heartbeats can make of the timeout, at least that; default the
 *     timeout
 * @param httpBodyBytes of the body of each response to an HTTP request; default 1 MiB
 * @param scratchBytes of the files in {@code /tmp}, all together; default 0, for no such directory
 */
public record Limits(
    Duration timeout,
    long memoryBytes,
    int inputBytes,
    int outputBytes,
    int logBytes,
    Duration maxDuration,
    int httpBodyBytes,
    int scratchBytes) {

  public static final Limits DEFAULT =
      new Limits(Duration.ofSeconds(30), 64L << 20, 1 << 20, 1 << 20, 64 << 10);

  public Limits {
    if (maxDuration.compareTo(timeout) < 0) {
      throw new IllegalArgumentException("maxDuration must be >= timeout");
    }
  }

  /** Without a scratch directory. */
  public Limits(
      Duration timeout,
      long memoryBytes,
      int inputBytes,
      int outputBytes,
      int logBytes,
      Duration maxDuration,
      int httpBodyBytes) {
    this(timeout, memoryBytes, inputBytes, outputBytes, logBytes, maxDuration, httpBodyBytes, 0);
  }

  /** With what is usual for host calls. */
  public Limits(Duration timeout, long memoryBytes, int inputBytes, int outputBytes, int logBytes) {
    this(timeout, memoryBytes, inputBytes, outputBytes, logBytes, timeout, 1 << 20);
  }

  /** The same with a scratch directory for so many bytes. */
  public Limits withScratch(int bytes) {
    return new Limits(
        timeout, memoryBytes, inputBytes, outputBytes, logBytes, maxDuration, httpBodyBytes, bytes);
  }
}
