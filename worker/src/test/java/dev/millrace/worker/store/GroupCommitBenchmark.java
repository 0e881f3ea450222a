package dev.millrace.worker.store;

import static dev.millrace.worker.store.StoreFixtures.event;

import dev.millrace.abi.DetachedEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Events a second through the journal, each appended and, once confirmed, removed, while so many
 * are on their way: how many share a commit depends on that.
 *
 * <p>The file lies in the directory {@code java.io.tmpdir}, which should be on a real disk.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class GroupCommitBenchmark {

  private static final int BYTES = 1024;

  @Param({"1", "64", "1024"})
  private int atOnce = 1;

  private final DetachedEvent event = event("redis:channel/1042", new byte[BYTES]);
  private final AtomicReference<@Nullable Throwable> failed = new AtomicReference<>();
  private Semaphore room = new Semaphore(1);
  private @Nullable Path directory;
  private @Nullable Store store;

  @Setup
  public void open() throws IOException {
    directory = Files.createTempDirectory("millrace-group-commit-");
    store = SqliteStore.open(directory.resolve("millrace.db"), StoreOptions.DEFAULT);
    room = new Semaphore(atOnce);
  }

  /** Waits for room, offers one event, and leaves it to the store's threads. */
  @Benchmark
  public void appendAndRemove() throws InterruptedException {
    room.acquire();
    Throwable failure = failed.get();
    if (failure != null) {
      throw new IllegalStateException("the store failed", failure);
    }
    Store open = Objects.requireNonNull(store);
    open.journal()
        .append("t", event)
        .thenCompose(sequence -> open.journal().remove("t", sequence))
        .whenComplete(
            (done, problem) -> {
              if (problem != null) {
                failed.set(problem);
              }
              room.release();
            });
  }

  @TearDown
  public void close() throws IOException, InterruptedException {
    room.acquire(atOnce);
    Objects.requireNonNull(store).close();
    try (Stream<Path> files = Files.walk(Objects.requireNonNull(directory))) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
