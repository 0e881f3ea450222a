package dev.millrace.worker.wasm.memory;

import com.dylibso.chicory.wasm.types.MemoryLimits;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Putting a memory back after an event that wrote to five cards of it. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class SnapshotMemoryBenchmark {

  private static final int DIRTY_CARDS = 5;
  private static final int PAGE_BYTES = 1 << 16;

  /** Pages of 64 KiB: a C guest, a Rust guest, a large one. */
  @Param({"2", "17", "1024"})
  private int pages;

  private SnapshotMemory memory =
      new SnapshotMemory(new MemoryLimits(1, 1), new MemoryBudget(PAGE_BYTES));

  @Setup
  public void fill() {
    memory =
        new SnapshotMemory(
            new MemoryLimits(pages, pages), new MemoryBudget((long) pages * PAGE_BYTES));
    memory.fill((byte) 1, 0, pages * PAGE_BYTES);
    memory.snapshot();
  }

  @Benchmark
  public void writeAndReset() {
    int step = pages * PAGE_BYTES / DIRTY_CARDS & -8;
    for (int i = 0; i < DIRTY_CARDS; i++) {
      memory.writeI32(i * step, i);
    }
    memory.reset();
  }

  @Benchmark
  public void resetClean() {
    memory.reset();
  }
}
