package dev.millrace.worker.store;

import org.jspecify.annotations.Nullable;

/** The store could not do what it was asked. The message says what happened, and what to do. */
public final class StoreException extends RuntimeException {

  public StoreException(String message) {
    super(message);
  }

  public StoreException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
