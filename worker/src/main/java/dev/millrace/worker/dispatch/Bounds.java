package dev.millrace.worker.dispatch;

/**
 * How much of one trigger may be with the worker at once, waiting retries included.
 *
 * @param events at least 1; default 1000
 * @param bytes of data, keys and headers, at least 1; default 64 MiB
 */
public record Bounds(int events, long bytes) {

  public static final Bounds DEFAULT = new Bounds(1000, 64L << 20);

  public Bounds {
    if (events < 1 || bytes < 1) {
      throw new IllegalArgumentException("max_in_flight must be >= 1");
    }
  }
}
