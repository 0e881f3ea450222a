package dev.millrace.worker.wasm;

import dev.millrace.worker.wasm.host.ProgressBoard;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;

/** Counts for one function. Safe for any number of threads. */
final class Counters {

  private final LongAdder invocations = new LongAdder();
  private final LongAdder coldStarts = new LongAdder();
  private final LongAdder coldStartNanos = new LongAdder();
  private final LongAdder resets = new LongAdder();
  private final LongAdder resetNanos = new LongAdder();
  private final LongAdder timeouts = new LongAdder();
  private final LongAdder traps = new LongAdder();
  private final LongAdder logBytesCutOff = new LongAdder();
  private final LongAccumulator memory = new LongAccumulator(Long::max, 0);

  private final ProgressBoard progress = new ProgressBoard();

  /** What running invocations say of themselves. */
  ProgressBoard progress() {
    return progress;
  }

  void invoked() {
    invocations.increment();
  }

  void instantiated(long nanos) {
    coldStarts.increment();
    coldStartNanos.add(nanos);
  }

  void reset() {
    resets.increment();
  }

  void resetsTook(long nanos) {
    resetNanos.add(nanos);
  }

  void timedOut() {
    timeouts.increment();
  }

  void trapped() {
    traps.increment();
  }

  void logCutOff(long bytes) {
    if (bytes > 0) {
      logBytesCutOff.add(bytes);
    }
  }

  void memory(long bytes) {
    memory.accumulate(bytes);
  }

  FunctionStats stats(int idleSlots, int leasedSlots) {
    return new FunctionStats(
        invocations.sum(),
        coldStarts.sum(),
        coldStartNanos.sum(),
        resets.sum(),
        resetNanos.sum(),
        timeouts.sum(),
        traps.sum(),
        idleSlots,
        leasedSlots,
        memory.get(),
        logBytesCutOff.sum());
  }
}
