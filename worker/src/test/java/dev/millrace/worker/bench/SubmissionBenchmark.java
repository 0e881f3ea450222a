package dev.millrace.worker.bench;

import dev.millrace.abi.DetachedEvent;
import dev.millrace.abi.Event;
import dev.millrace.triggers.Intake;
import dev.millrace.triggers.Order;
import dev.millrace.triggers.SettlementListener;
import dev.millrace.worker.admin.Metrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * An event from submission to settlement around a function that does nothing: time by the clock,
 * where {@code millrace bench dispatcher} tells processor time. One thread submits.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class SubmissionBenchmark {

  private static final int EVENTS = 10_000;
  private static final int PARTITIONS = 4;

  @Param({"NONE", "KEY", "PARTITION"})
  private Order order = Order.NONE;

  private final Event[] events = new Event[EVENTS];
  private final @Nullable Object[] lanes = new @Nullable Object[EVENTS];
  private @Nullable Path crashFile;
  private @Nullable Metrics metrics;
  private @Nullable Mill mill;
  private @Nullable Intake intake;
  private volatile boolean settled;

  @Setup
  public void open() throws IOException {
    crashFile = Files.createTempFile("millrace-submission-", ".bin");
    Files.delete(crashFile);
    metrics = new Metrics("bench", "0");
    mill = Mill.watched(crashFile, metrics);
    intake = mill.intake("orders", new DoesNothing(), EVENTS);
    for (int i = 0; i < EVENTS; i++) {
      events[i] = DetachedEvent.of("bench:" + i, "bench", "bench", Instant.EPOCH, "data");
      lanes[i] =
          switch (order) {
            case NONE -> null;
            case KEY -> "key-" + i;
            case PARTITION -> "partition-" + i % PARTITIONS;
          };
    }
  }

  @TearDown
  public void close() throws IOException {
    Objects.requireNonNull(mill).close();
    Objects.requireNonNull(metrics).close();
    Files.delete(Objects.requireNonNull(crashFile));
  }

  /** Each of ten thousand events that are submitted at once. */
  @Benchmark
  @OperationsPerInvocation(EVENTS)
  public void many() {
    SettlementListener listener = (event, settlement) -> {};
    for (int i = 0; i < EVENTS; i++) {
      offer(i, listener);
    }
    while (!Objects.requireNonNull(mill).idle()) {
      LockSupport.parkNanos(10_000);
    }
  }

  /** One event that comes alone, and finds the worker threads asleep or about to be. */
  @Benchmark
  public void alone() {
    settled = false;
    offer(0, (event, settlement) -> settled = true);
    while (!settled) {
      Thread.onSpinWait();
    }
  }

  private void offer(int which, SettlementListener listener) {
    while (!Objects.requireNonNull(intake).offer(events[which], lanes[which], listener)) {
      Thread.onSpinWait();
    }
  }
}
