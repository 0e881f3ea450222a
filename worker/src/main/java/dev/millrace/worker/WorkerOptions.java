package dev.millrace.worker;

import dev.millrace.worker.dispatch.DispatchListener;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How a worker runs, beside its manifest.
 *
 * @param cacheDirectory where compiled modules are kept; empty for beside the store
 * @param drainLimit how long a shutdown waits for running events before it releases them; default
 *     25 s
 * @param listener watches events, beside log and metrics
 */
public record WorkerOptions(
    Optional<Path> cacheDirectory, Duration drainLimit, DispatchListener listener) {

  public static final WorkerOptions DEFAULT =
      new WorkerOptions(Optional.empty(), Duration.ofSeconds(25), DispatchListener.NONE);

  /** The same with another limit for the shutdown. */
  public WorkerOptions withDrainLimit(Duration other) {
    return new WorkerOptions(cacheDirectory, other, listener);
  }

  /** The same with another listener. */
  public WorkerOptions withListener(DispatchListener other) {
    return new WorkerOptions(cacheDirectory, drainLimit, other);
  }
}
