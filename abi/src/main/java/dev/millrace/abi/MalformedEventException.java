package dev.millrace.abi;

/** Bytes that should be an {@link EventCodec encoded event} are not one. The message says why. */
public final class MalformedEventException extends RuntimeException {

  public MalformedEventException(String message) {
    super(message);
  }

  public MalformedEventException(String message, Throwable cause) {
    super(message, cause);
  }
}
