package dev.millrace.worker.wasm.host;

/** The other side did not answer: it is away, too slow, or refuses for now. */
public final class UnavailableException extends Exception {

  private static final long serialVersionUID = 1L;

  /**
   * @param message why, in words for whoever reads the function's log
   */
  public UnavailableException(String message) {
    super(message);
  }

  /** The same, with what it came from. */
  public UnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
