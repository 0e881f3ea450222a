package dev.millrace.worker.wasm.host;

import static dev.millrace.abi.GuestAbi.DENIED;
import static dev.millrace.abi.GuestAbi.INVALID;
import static dev.millrace.abi.GuestAbi.MODULE;
import static dev.millrace.abi.GuestAbi.TOO_LARGE;

import java.util.List;
import java.util.OptionalInt;

/** The host call by which a long invocation says that it lives, and how far it has come. */
public final class HeartbeatImport {

  /** Longest message, in bytes. */
  public static final int MESSAGE_LIMIT_BYTES = 1024;

  private static final int UNKNOWN = -1;
  private static final int ALL = 100;

  private HeartbeatImport() {}

  static List<HostImport> all() {
    return List.of(HostImport.of(MODULE, "heartbeat", "iii:l", HeartbeatImport::heartbeat));
  }

  private static long heartbeat(Call call, GuestMemory memory, long[] args) {
    int percent = (int) args[0];
    int pointer = (int) args[1];
    int length = (int) args[2];
    memory.check(pointer, length);
    if (call.invocation() == null) {
      return DENIED;
    }
    if (length > MESSAGE_LIMIT_BYTES) {
      return TOO_LARGE;
    }
    String message = memory.readText(pointer, length);
    if (message == null || percent < UNKNOWN || percent > ALL) {
      return INVALID;
    }
    return call.heartbeat(
        percent == UNKNOWN ? OptionalInt.empty() : OptionalInt.of(percent), message);
  }
}
