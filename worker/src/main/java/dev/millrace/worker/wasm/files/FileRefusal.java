package dev.millrace.worker.wasm.files;

/**
 * Why a file function does nothing: the error number that the guest gets. Without a stack trace: a
 * guest chooses how often.
 */
public final class FileRefusal extends Exception {

  private static final long serialVersionUID = 1L;

  private final int errno;

  /** Refuses with one of the numbers of {@link Errno}. */
  public FileRefusal(int errno) {
    super("errno " + errno, null, false, false);
    this.errno = errno;
  }

  /** One of the numbers of {@link Errno}. */
  public int errno() {
    return errno;
  }
}
