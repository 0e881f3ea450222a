package dev.millrace.worker.wasm.abi;

import dev.millrace.abi.GuestAbi;
import dev.millrace.triggers.FailureKind;
import dev.millrace.worker.wasm.spec.AbiSpec;

/** How a guest that came to its end by itself says that it went. */
public sealed interface Ending {

  /** Done with the event. */
  record Done() implements Ending {}

  /** The guest wants to be called again, for this reason; possibly empty. */
  record Retry(String reason) implements Ending {}

  /** The guest will never accept the event, for this reason; possibly empty. */
  record Reject(String reason) implements Ending {}

  /**
   * The guest failed.
   *
   * @param what what it did, without a subject: "ended with exit code 3"
   * @param said what it said about it, possibly empty
   */
  record Failed(FailureKind kind, String what, String said) implements Ending {}

  Ending DONE = new Done();

  /**
   * What a code means, be it a program's exit code or what a function returned.
   *
   * @param what what the guest did with it, without a subject: "ended with exit code 3"
   * @param said what the guest said beside it, possibly empty
   */
  static Ending ofCode(AbiSpec abi, int code, String what, String said) {
    if (code == GuestAbi.EXIT_DONE) {
      return DONE;
    }
    if (abi.rejectCodes().contains(code)) {
      return new Reject(said);
    }
    return code == GuestAbi.EXIT_RETRY
        ? new Retry(said)
        : new Failed(FailureKind.EXIT_CODE, what, said);
  }

  /** The same for an exit code. */
  static Ending ofExit(AbiSpec abi, int code, String said) {
    return ofCode(abi, code, exit(code), said);
  }

  /** A program that ended though its ABI knows no exit codes. */
  static Ending unexpectedExit(int code, String said) {
    return new Failed(FailureKind.EXIT_CODE, exit(code), said);
  }

  private static String exit(int code) {
    return "ended with exit code " + Integer.toUnsignedString(code);
  }
}
