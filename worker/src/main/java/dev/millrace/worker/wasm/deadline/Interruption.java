package dev.millrace.worker.wasm.deadline;

import com.dylibso.chicory.runtime.ChicoryInterruptedException;

/** How host calls notice that the guest is to stop; compiled guest code looks at the same flag. */
public final class Interruption {

  private Interruption() {}

  /** Ends the guest if it was told to stop. For the loops of host calls. */
  public static void check() {
    if (Thread.currentThread().isInterrupted()) {
      throw new ChicoryInterruptedException("interrupted in a host call");
    }
  }
}
