package dev.millrace.worker.wasm.wasi;

import dev.millrace.worker.wasm.files.Errno;
import dev.millrace.worker.wasm.recording.HostClock;

/** The clocks of WASI, of which guests are given two. */
final class WasiClock {

  private static final int PROCESS_CPU = 2;
  private static final int THREAD_CPU = 3;

  private WasiClock() {}

  /** What is answered for a clock id. */
  static int errno(int id) {
    return switch (id) {
      case HostClock.REALTIME, HostClock.MONOTONIC -> Errno.SUCCESS;
      case PROCESS_CPU, THREAD_CPU -> Errno.NOTSUP;
      default -> Errno.INVAL;
    };
  }
}
