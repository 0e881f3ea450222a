package dev.millrace.worker;

/** The worker cannot start; the message says why, one sentence a line, in words for the user. */
public final class StartException extends Exception {

  private static final long serialVersionUID = 1L;

  public StartException(String message) {
    super(message);
  }

  public StartException(String message, Throwable cause) {
    super(message, cause);
  }
}
