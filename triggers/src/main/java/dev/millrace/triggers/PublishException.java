package dev.millrace.triggers;

/** A message was not confirmed by its broker. */
public final class PublishException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final boolean permanent;

  private PublishException(String message, Throwable cause, boolean permanent) {
    super(message, cause);
    this.permanent = permanent;
  }

  /** The broker will never take this message: too large, an invalid name, not allowed. */
  public static PublishException permanent(String message, Throwable cause) {
    return new PublishException(message, cause, true);
  }

  /**
   * The broker cannot be reached, or does not answer, or the destination is missing: it may be
   * taken later.
   */
  public static PublishException transientFailure(String message, Throwable cause) {
    return new PublishException(message, cause, false);
  }

  /** Whether sending the same message again is pointless. */
  public boolean permanent() {
    return permanent;
  }
}
