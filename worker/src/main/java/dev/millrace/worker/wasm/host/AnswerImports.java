package dev.millrace.worker.wasm.host;

import dev.millrace.abi.GuestAbi;
import java.util.List;

/** Reading what the last question outside brought. */
final class AnswerImports {

  private AnswerImports() {}

  static List<HostImport> all() {
    return List.of(
        HostImport.of(GuestAbi.MODULE, "answer_read", "iii:i", AnswerImports::read),
        HostImport.of(GuestAbi.MODULE, "answer_headers_read", "ii:i", AnswerImports::headers));
  }

  private static long read(Call call, GuestMemory memory, long[] args) {
    OutsideAnswer answer = call.lastAnswer();
    return memory.copy(
        (int) args[0], (int) args[1], (int) args[2], answer == null ? null : answer.body());
  }

  private static long headers(Call call, GuestMemory memory, long[] args) {
    OutsideAnswer answer = call.lastAnswer();
    return memory.copy((int) args[0], (int) args[1], 0, answer == null ? null : answer.headers());
  }
}
