package dev.millrace.worker.wasm.host;

import dev.millrace.worker.dispatch.Invocation;
import org.jspecify.annotations.Nullable;

/** Which environment variables a guest has. */
@FunctionalInterface
public interface Variables {

  /** No variables at all. */
  Variables NONE = invocation -> new byte[0][];

  /**
   * All variables, {@code NAME=value} and a NUL each.
   *
   * @param invocation the one at hand; {@code null} while a guest is initialized
   */
  byte[][] of(@Nullable Invocation invocation);
}
