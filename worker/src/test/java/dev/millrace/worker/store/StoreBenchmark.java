package dev.millrace.worker.store;

import static dev.millrace.worker.store.StoreContract.event;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Rows a second through the journal, each appended and, once confirmed, removed, at several numbers
 * of events in flight. Not part of the build; the temporary directory should be on a real disk:
 *
 * <pre>
 * mvn -B -pl worker -am test -Dtest=StoreBenchmark -Dsurefire.failIfNoSpecifiedTests=false
 * </pre>
 */
class StoreBenchmark {

  private static final Duration WARM_UP = Duration.ofSeconds(2);
  private static final Duration MEASURED = Duration.ofSeconds(4);

  @TempDir Path directory;

  @Test
  void journal() throws InterruptedException {
    System.out.printf(
        "%10s %10s %12s %14s %10s%n",
        "in flight", "linger ms", "events/s", "CPU us/event", "group");
    for (int linger : new int[] {0, 2}) {
      for (int inFlight : new int[] {1, 10, 100, 1000, 5000}) {
        measure(inFlight, Duration.ofMillis(linger));
      }
    }
  }

  private void measure(int inFlight, Duration linger) throws InterruptedException {
    Path file = directory.resolve(inFlight + "-" + linger.toMillis() + ".db");
    try (Store store = SqliteStore.open(file, StoreOptions.DEFAULT.withLinger(linger))) {
      appendAndRemove(store, inFlight, WARM_UP);
      StoreStats before = store.stats();
      long cpu = processCpuNanos();
      long start = System.nanoTime();
      long events = appendAndRemove(store, inFlight, MEASURED);
      double seconds = (System.nanoTime() - start) / 1e9;
      StoreStats after = store.stats();
      System.out.printf(
          "%10d %10d %12.0f %14.1f %10.1f%n",
          inFlight,
          linger.toMillis(),
          events / seconds,
          (processCpuNanos() - cpu) / 1e3 / events,
          (double) (after.writes() - before.writes()) / (after.commits() - before.commits()));
    }
  }

  private static long appendAndRemove(Store store, int inFlight, Duration duration)
      throws InterruptedException {
    byte[] data = new byte[1024];
    Semaphore room = new Semaphore(inFlight);
    long until = System.nanoTime() + duration.toNanos();
    long events = 0;
    while (System.nanoTime() < until) {
      room.acquire();
      store
          .journal()
          .append("t", event("redis:channel/1042", data))
          .thenCompose(sequence -> store.journal().remove("t", sequence))
          .whenComplete((done, failure) -> room.release());
      events++;
    }
    room.acquire(inFlight);
    return events;
  }

  private static long processCpuNanos() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }
}
