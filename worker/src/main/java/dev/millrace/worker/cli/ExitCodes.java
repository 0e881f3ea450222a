package dev.millrace.worker.cli;

/** What a command's exit code means. */
final class ExitCodes {

  static final int DONE = 0;

  /** A check failed: a test, an invocation. */
  static final int CHECK_FAILED = 1;

  /** The command line is wrong. */
  static final int USAGE = 2;

  static final int MANIFEST_INVALID = 3;

  /** A broker or a worker cannot be reached. */
  static final int UNREACHABLE = 4;

  static final int NOT_FOUND = 5;

  /** It can be done in principle, but not here and now. */
  static final int REFUSED = 6;

  /** A bug of Millrace. */
  static final int BUG = 70;

  private ExitCodes() {}
}
