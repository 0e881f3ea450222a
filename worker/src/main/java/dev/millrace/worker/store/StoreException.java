package dev.millrace.worker.store;

import org.jspecify.annotations.Nullable;

/** The store could not do what it was asked. The message says what happened, and what to do. */
public final class StoreException extends RuntimeException {

  private final boolean unreachable;

  public StoreException(String message) {
    this(message, null);
  }

  public StoreException(String message, @Nullable Throwable cause) {
    this(message, cause, false);
  }

  private StoreException(String message, @Nullable Throwable cause, boolean unreachable) {
    super(message, cause);
    this.unreachable = unreachable;
  }

  /** The store's server does not answer; nothing is wrong with what it was asked. */
  static StoreException unreachable(String message, Throwable cause) {
    return new StoreException(message, cause, true);
  }

  /** Whether it is the store's server that did not answer. */
  public boolean isUnreachable() {
    return unreachable;
  }
}
