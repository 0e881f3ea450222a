package dev.millrace.worker.wasm.wasi;

/**
 * Why a file function does nothing: the error number that the guest gets. Without a stack trace: a
 * guest chooses how often.
 */
final class FileRefusal extends Exception {

  private static final long serialVersionUID = 1L;

  private final int errno;

  FileRefusal(int errno) {
    super("errno " + errno, null, false, false);
    this.errno = errno;
  }

  int errno() {
    return errno;
  }
}
