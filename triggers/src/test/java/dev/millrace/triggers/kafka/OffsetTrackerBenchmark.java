package dev.millrace.triggers.kafka;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The poll thread's part for one record: received, finished somewhat later, not in order. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class OffsetTrackerBenchmark {

  private static final int RECORDS = 1024;

  /** How many records are open behind the one that is received. */
  @Param({"16", "1000", "10000"})
  private int open;

  private OffsetTracker tracker = new OffsetTracker(0);

  @Setup
  public void fill() {
    tracker = new OffsetTracker(0);
    for (int i = 0; i < open; i++) {
      tracker.receive(i);
    }
  }

  @Benchmark
  @OperationsPerInvocation(RECORDS)
  public long receiveAndFinish() {
    for (int i = 0; i < RECORDS; i += 2) {
      long offset = tracker.next();
      tracker.receive(offset);
      tracker.receive(offset + 1);
      // Two workers: of each pair the later one ends first.
      tracker.finish(offset - open + 1);
      tracker.finish(offset - open);
    }
    return tracker.next();
  }
}
